import { AppError } from '../../shared/errors.ts';
import { language } from '../i18n/language.ts';
import { errorTexts, reasonsInChinese } from './errors.messages.ts';
import { sessionTexts } from './session.messages.ts';

/**
 * One sentence for the person. A long wait is told. A rule's own detail says more than its code, but exists in English only:
 * others read what is known of the reason.
 */
export function sayError(error: unknown): string {
  const texts = errorTexts[language.get()];
  if (!(error instanceof AppError)) return texts.INTERNAL;
  const { reason, retryAfterMs } = error.extras;
  const waitMinutes = Math.ceil((retryAfterMs ?? 0) / 60_000);
  if (error.code === 'RATE_LIMITED' && waitMinutes > 1) return sessionTexts[language.get()].waitMinutes(waitMinutes);
  if (reason && language.get() === 'zh-CN' && reason in reasonsInChinese) return reasonsInChinese[reason];
  const saysMore = error.code === 'CONFLICT' || error.code === 'FORBIDDEN' || error.code === 'BAD_INPUT';
  return saysMore && language.get() === 'en' ? error.message : texts[error.code];
}
