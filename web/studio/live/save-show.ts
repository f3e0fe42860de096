import { AppError } from '../../../shared/errors.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { ask } from '../../session/connection.ts';

type Changes = Partial<Pick<Room, 'title' | 'coverUrl' | 'scheduledAtMs' | 'productIds' | 'openTo'>>;

/**
 * Saves changes of a show, unless somebody else has changed what its form shows: then it answers with the show as they have it, and
 * saves nothing. That it began or paused meanwhile is no such change.
 *
 * @param before what the writer of the changes has seen.
 * @param now    the newest that is known here; the server may know a newer one.
 */
export async function saveShow(changes: Changes, before: Room, now: Room): Promise<Room | null> {
  let known = now.version < before.version ? before : now;
  for (;;) {
    if (!isTheSame(known, before)) return known;
    const { roomId, version } = known;
    try {
      await ask('room:edit', { roomId, version, ...changes });
      return null;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
      const latest = await ask('room:get', { roomId });
      if (latest.version === version) throw error; // The server has another reason.
      known = latest;
    }
  }
}

const shown = ['title', 'coverUrl', 'scheduledAtMs', 'productIds', 'openTo'] as const;

const isTheSame = (one: Room, other: Room): boolean =>
  shown.every((field) => JSON.stringify(one[field]) === JSON.stringify(other[field]));
