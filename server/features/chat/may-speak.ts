import { AppError } from '../../../shared/errors.ts';
import type { ChatRefusal, ChatSettings } from '../../../shared/protocol/chat.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { RoomView } from '../room/rooms.ts';

export type Refused = { outcome: ChatRefusal; retryAfterMs: number | null; detail: string | null };

/** Everything that is known about a person who wants to speak. */
export type Standing = {
  room: Pick<RoomView, 'state'>;
  settings: ChatSettings;
  /** Infinity: until it is lifted. */
  mutedForMs: number | null;
  /** Why, where they are to know. */
  mutedFor: string | null;
  /** For how long; null: they don't follow. */
  followsForMs: number | null;
  fanLevel: number | null;
};

/** Why a person may not speak in a room now; null when they may. Host and staff are asked only whether it is over. */
export function refusalOf({ room, settings, mutedForMs, mutedFor, followsForMs, fanLevel }: Standing): Refused | null {
  if (isOver(room)) return refuse('closed');
  if (mutedForMs !== null) return refuse('muted', mutedForMs === Infinity ? null : Math.ceil(mutedForMs), mutedFor);
  if (settings.audience === 'followers') return refuseFollower(settings, followsForMs);
  if (settings.audience === 'fans' && (fanLevel ?? 0) < settings.fanLevelMin)
    return refuse('fans_only', null, `${settings.fanLevelMin}`);
  return null;
}

function refuseFollower({ followMinutesMin }: ChatSettings, followsForMs: number | null): Refused | null {
  if (followsForMs === null) return refuse('followers_only', null, `${followMinutesMin}`);
  const waitMs = followMinutesMin * 60_000 - Math.round(followsForMs);
  return waitMs > 0 ? refuse('followers_only', waitMs, `${followMinutesMin}`) : null;
}

/** Redis has too little memory left for chats: it may have more in so long, ms. */
const fullRetryAfterMs = 5_000;

export function refuseAsFull(): never {
  throw new AppError('RETRY', 'Too much is kept of all chats.', { retryAfterMs: fullRetryAfterMs });
}

export function refuse(
  outcome: ChatRefusal,
  retryAfterMs: number | null = null,
  detail: string | null = null,
): Refused {
  return { outcome, retryAfterMs, detail };
}
