import { AppError } from '../shared/errors.ts';

/**
 * Runs what a client asked mediasoup for. mediasoup checks values itself and throws TypeErrors and UnsupportedErrors; to
 * the client those are its own bad input. What was closed meanwhile is gone.
 */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError || !(error instanceof Error)) throw error;
    if (error.name === 'InvalidStateError' || /closed|not found/i.test(error.message)) {
      throw new AppError('NOT_FOUND', 'This media session has ended.');
    }
    if (error.name === 'UnsupportedError') throw new AppError('CODECS_REFUSED', error.message);
    throw new AppError('BAD_INPUT', `Media refused this: ${error.message.slice(0, 200)}`);
  }
}
