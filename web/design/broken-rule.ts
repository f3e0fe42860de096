import { dayAndTime, whole } from '../i18n/format.ts';
import { messages } from '../i18n/messages.ts';

/** A rule of a field that is not kept by what stands in it. */
export type BrokenRule =
  'unreadable' | 'missing' | 'kind' | 'pattern' | 'short' | 'long' | 'under' | 'over' | 'between';

/** What the rules of a field are, as its element has them. `title`: the pattern in words. */
export type Rules = {
  type?: string;
  title?: string;
  minLength?: number;
  maxLength?: number;
  min?: number | string;
  max?: number | string;
};

/** The first broken rule that the browser found; null when all are kept, or when the page itself says what is wrong. */
export function brokenRule(found: ValidityState): BrokenRule | null {
  if (found.badInput) return 'unreadable'; // Before `missing`: what can't be read counts as nothing.
  if (found.valueMissing) return 'missing';
  if (found.typeMismatch) return 'kind';
  if (found.patternMismatch) return 'pattern';
  if (found.tooShort) return 'short';
  if (found.tooLong) return 'long';
  if (found.rangeUnderflow) return 'under';
  if (found.rangeOverflow) return 'over';
  return found.stepMismatch ? 'between' : null;
}

/** What to do about it, in the words of the page: a browser has its own, in a language of its own. */
export function wordsOf(broken: BrokenRule, rules: Rules, t: (typeof ruleTexts)['en']): string {
  const isMoment = rules.type === 'datetime-local';
  switch (broken) {
    case 'unreadable':
      return isMoment ? t.moment : t.number;
    case 'missing':
      return t.missing;
    case 'kind':
      return rules.type === 'email' ? t.email : t.address;
    case 'pattern':
      return rules.title ?? t.other;
    case 'short':
      return t.short(whole(rules.minLength ?? 0));
    case 'long':
      return t.long(whole(rules.maxLength ?? 0));
    case 'under':
      return isMoment ? t.early(momentOf(rules.min)) : t.under(whole(Number(rules.min)));
    case 'over':
      return isMoment ? t.late(momentOf(rules.max)) : t.over(whole(Number(rules.max)));
    case 'between':
      return isMoment ? t.moment : t.whole;
  }
}

/** A moment as the field has it, in the zone of this device. */
const momentOf = (local: number | string | undefined): string => dayAndTime(new Date(String(local)).getTime());

export const ruleTexts = messages(
  {
    missing: 'Fill this in.',
    number: 'Write a number.',
    moment: 'Choose the day and the time.',
    email: 'Write it like name@example.com',
    address: 'Write it like https://example.com',
    short: (n: string) => `At least ${n} characters.`,
    long: (n: string) => `At most ${n} characters.`,
    under: (n: string) => `At least ${n}.`,
    over: (n: string) => `At most ${n}.`,
    early: (when: string) => `Not before ${when}.`,
    late: (when: string) => `Not after ${when}.`,
    whole: 'Write a whole number.',
    other: 'This is not right.',
  },
  {
    missing: '请填写此项。',
    number: '请填写数字。',
    moment: '请选择日期和时间。',
    email: '请填写正确的邮箱，例如 name@example.com',
    address: '请填写完整的网址，例如 https://example.com',
    short: (n: string) => `至少 ${n} 个字符。`,
    long: (n: string) => `最多 ${n} 个字符。`,
    under: (n: string) => `不能小于 ${n}。`,
    over: (n: string) => `不能大于 ${n}。`,
    early: (when: string) => `不能早于 ${when}。`,
    late: (when: string) => `不能晚于 ${when}。`,
    whole: '请填写整数。',
    other: '填写有误。',
  },
);
