import { AppError } from '../../shared/errors.ts';
import { language } from '../i18n/language.ts';
import { errorTexts } from './errors.messages.ts';
import { sessionTexts } from './session.messages.ts';

/** One sentence for the person. A long wait is told. In English a rule's own detail says more than its code; it exists in English only. */
export function sayError(error: unknown): string {
  const texts = errorTexts[language.get()];
  if (!(error instanceof AppError)) return texts.INTERNAL;
  const waitMinutes = Math.ceil((error.extras.retryAfterMs ?? 0) / 60_000);
  if (error.code === 'RATE_LIMITED' && waitMinutes > 1) return sessionTexts[language.get()].waitMinutes(waitMinutes);
  const saysMore = error.code === 'CONFLICT' || error.code === 'FORBIDDEN' || error.code === 'BAD_INPUT';
  return saysMore && language.get() === 'en' ? error.message : texts[error.code];
}
