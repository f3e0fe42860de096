import { AppError } from '../shared/errors.ts';
import type { MediaLog } from './log.ts';

/** A worker is replaced within this time, as a rule. */
const workerBackMs = 300;

/**
 * Runs what a client asked mediasoup for. mediasoup checks values itself and throws TypeErrors and UnsupportedErrors; to the client
 * those are its own bad input. What its worker refuses, as a second stream with the same SSRC, is that too, most likely, but could
 * be our own mistake: it is logged, without a stack that would be of no use. What our own code throws is a bug and stays one: a
 * TypeError too.
 */
export function createAsked(log: MediaLog) {
  return {
    /** Of a session there is: what was closed meanwhile is gone. */
    of: <T>(work: () => Promise<T>): Promise<T> =>
      run(work, () => new AppError('NOT_FOUND', 'This media session has ended.')),
    /** To open a session: what was closed meanwhile has died, and is soon there again. */
    toOpen: <T>(work: () => Promise<T>): Promise<T> =>
      run(work, () => new AppError('RETRY', 'Media is starting again.', { retryAfterMs: workerBackMs })),
  };

  async function run<T>(work: () => Promise<T>, whenClosed: () => AppError): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AppError || !(error instanceof Error) || !isOfLibrary(error)) throw error;
      if (error.name === 'InvalidStateError' || /closed|not found/i.test(error.message)) throw whenClosed();
      if (error.name === 'UnsupportedError') throw new AppError('CODECS_REFUSED');
      if (error instanceof TypeError)
        throw new AppError('BAD_INPUT', `These parameters are not valid: ${said(error)}.`);
      log.warn({ reason: said(error) }, 'media refused what a client asked for');
      throw new AppError('BAD_INPUT', 'Media can not take this: maybe another stream has the same SSRC or MID.');
    }
  }
}

/** Which value is wrong, without what the library says of itself. */
const said = ({ message }: Error): string => message.replaceAll(/ *\[method:[^\]]*\]/g, '').slice(0, 200);

/** Thrown by a library, and not by what we do with it. */
const isOfLibrary = ({ stack = '' }: Error): boolean =>
  /^ +at .*$/m.exec(stack)?.[0].includes('/node_modules/') ?? false;
