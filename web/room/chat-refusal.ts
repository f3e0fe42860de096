import type { SendOutcome } from '../../shared/protocol/chat.ts';
import type { roomTexts } from './room.messages.ts';

/** A message that was not said, and why. */
export type ChatRefused = Extract<SendOutcome, { retryAfterMs: number | null }>;

export type Held = Extract<SendOutcome, { outcome: 'held' }>;

export const isRefused = (answer: SendOutcome): answer is ChatRefused =>
  answer.outcome !== 'sent' && answer.outcome !== 'held';

/** What stands above what a moderator wrote about it for whom it concerns. */
export const withReason = (sentence: string, reason: string | null, t: (typeof roomTexts)['en']): string =>
  reason === null ? sentence : `${sentence} ${t.because(reason)}`;

/** Why a message waits, for whoever wrote it. */
export function heldText({ reason, detail }: Held, t: (typeof roomTexts)['en']): string {
  if (reason === 'banned_word') return t.heldForWord(detail ?? '');
  return reason === 'link' ? t.heldForLink : t.heldForAll;
}

/** @param leftMs until it may be said; null when waiting does not help. */
export function refusalText(
  { outcome, detail }: ChatRefused,
  leftMs: number | null,
  t: (typeof roomTexts)['en'],
): string {
  const seconds = leftMs === null ? null : Math.ceil(leftMs / 1_000);
  switch (outcome) {
    case 'slow_mode':
      return t.slowMode(seconds ?? 1);
    case 'muted':
      return withReason(leftMs === null ? t.muted : t.mutedFor(leftMs), detail, t);
    case 'banned_word':
      return detail ? t.bannedWord(detail) : t.bannedWordPlain;
    case 'followers_only':
      if (leftMs !== null) return t.followersIn(leftMs);
      return Number(detail) > 0 ? t.followersFor(Number(detail)) : t.followersOnly;
    case 'fans_only':
      return Number(detail) > 1 ? t.fansFrom(Number(detail)) : t.fansOnly;
    case 'duplicate':
      return t.duplicate;
    case 'closed':
      return t.chatClosed;
    case 'too_many_held':
      return t.tooManyHeld;
  }
}
