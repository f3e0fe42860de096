import type { Presence } from '../room/presence.socket.ts';
import type { LatelyPutOut } from './sanctions.pg.ts';

type Needs = {
  /** Who was banned or kicked from these rooms in the last `seconds` and still is. */
  putOutLately: (roomIds: readonly string[], seconds: number) => Promise<LatelyPutOut[]>;
  presence: () => Pick<Presence, 'people' | 'hasPerson' | 'remove'>;
  /** Whether somebody may be in a room all the same: who helps there may. */
  maySee: (roomId: string, personId: string) => Promise<boolean>;
  /** Forgets what is cached of a room's rules, here. */
  forget: (roomId: string) => void;
  /** ms since any fixed moment, never jumping. */
  elapsedMs: () => number;
};

/**
 * A round looks this much further back than to the last one that went well, s: for a ban that was not committed yet, and for one who
 * came in by rules read just before it.
 */
const overlapSeconds = 15;

/**
 * Puts out whom a ban or a kick concerns, when the word of it was lost: by Redis, or with the process that had to say it. Run every
 * few seconds on every gateway, at one query however many rooms it serves.
 */
export function createPuttingOut({ putOutLately, presence, maySee, forget, elapsedMs }: Needs) {
  let lookedAtMs = elapsedMs();

  return async function round(): Promise<void> {
    const startedAtMs = elapsedMs();
    const roomIds = [...presence().people()].map(([roomId]) => roomId);
    const seconds = (startedAtMs - lookedAtMs) / 1_000 + overlapSeconds;
    const meant = roomIds.length === 0 ? [] : await putOutLately(roomIds, seconds);
    lookedAtMs = startedAtMs;
    for (const { roomId, personId, kind, untilMs } of meant) {
      forget(roomId);
      if (!presence().hasPerson(roomId, personId) || (await maySee(roomId, personId))) continue;
      const reason = kind === 'ban' ? 'banned' : 'kicked';
      presence().remove(roomId, reason, (presentId) => presentId === personId, untilMs);
    }
  };
}
