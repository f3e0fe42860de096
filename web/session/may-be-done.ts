import { AppError, errorCodes } from '../../shared/errors.ts';

/**
 * Whether what was asked may have been done although the answer is an error: it got lost, or an earlier try of it did. Until that
 * is known, asking again has to be the same request with the same key.
 */
export const mayBeDone = (error: unknown): boolean =>
  !(error instanceof AppError) || errorCodes[error.code].retryable || error.code === 'INTERNAL';
