import { AppError } from '../../shared/errors.ts';
import { language } from '../i18n/language.ts';
import { errorTexts, reasonsInChinese } from './errors.messages.ts';
import { sayFields } from './say-fields.ts';
import { sessionTexts } from './session.messages.ts';

/**
 * One sentence for the person. A long wait is told. A rule's own detail says more than its code, but exists in English only:
 * others read what is known of the reason.
 */
export function sayError(error: unknown): string {
  const texts = errorTexts[language.get()];
  if (!(error instanceof AppError)) return texts.INTERNAL;
  const { reason, retryAfterMs, fields } = error.extras;
  const waitMinutes = Math.ceil((retryAfterMs ?? 0) / 60_000);
  if (error.code === 'RATE_LIMITED' && waitMinutes > 1) return sessionTexts[language.get()].waitMinutes(waitMinutes);
  if (reason && language.get() === 'zh-CN' && reason in reasonsInChinese) return reasonsInChinese[reason];
  if (error.code === 'BAD_INPUT' && fields && fields.length > 0) return sayFields(fields);
  const saysMore = error.code === 'CONFLICT' || error.code === 'FORBIDDEN' || error.code === 'BAD_INPUT';
  return saysMore && language.get() === 'en' ? withoutPath(error.message) : texts[error.code];
}

/** Rules that look at several fields begin with the path of the one in question. */
const withoutPath = (message: string): string =>
  message.replace(/^[a-z][\w.]*: (.)/, (_, first: string) => first.toUpperCase());
