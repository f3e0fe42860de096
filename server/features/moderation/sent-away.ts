import { AppError } from '../../../shared/errors.ts';
import type { RoomRules } from './room-rules.ts';

const sentences = {
  banned: 'You are banned from this room.',
  kicked: 'A moderator asked you to leave this room for a moment.',
} as const;

/** What somebody who was banned or kicked is told wherever the room refuses them: why, and for how long yet. Null for anybody else. */
export function sentAway(
  { stands, toldReason }: Pick<RoomRules, 'stands' | 'toldReason'>,
  personId: string,
): AppError | null {
  const bannedForMs = stands(personId, 'ban');
  if (bannedForMs !== null) return refusal('banned', bannedForMs, toldReason(personId, 'ban'));
  const kickedForMs = stands(personId, 'kick');
  return kickedForMs === null ? null : refusal('kicked', kickedForMs, toldReason(personId, 'kick'));
}

function refusal(reason: keyof typeof sentences, leftMs: number, detail: string | null): AppError {
  const until = Number.isFinite(leftMs) ? { retryAfterMs: Math.ceil(leftMs) } : {};
  return new AppError('FORBIDDEN', sentences[reason], { reason, ...until, ...(detail === null ? {} : { detail }) });
}
