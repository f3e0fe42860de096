import type { PublicUrl } from '../../gateway/call.ts';
import { createFloodLimit } from '../../gateway/flood-limit.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { requestHash } from '../../platform/request-hash.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { ShownProducts } from '../catalog/shown-products.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';
import { registerCalendars } from './calendar.routes.ts';
import { createEntrance } from './entrance.ts';
import { createPlanned } from './planned.ts';
import { createPossibleStaff } from './possible-staff.pg.ts';
import { createPresence } from './presence.socket.ts';
import { registerRooms, type HasWonIn, type IsKeptOut } from './room.commands.ts';
import type { RoomChanges } from './room-changes.ts';
import { createRoomStore } from './room-store.pg.ts';
import { createRooms } from './room.ts';
import { createRoomsCache, type MayEnterWithFans, type SentAway } from './rooms-cache.ts';
import { createSnapshots } from './snapshots.ts';
import type { PinnedIn } from './viewers.ts';
import type { Room } from '../../../shared/protocol/room.ts';

type Needs = {
  roomLog: ReturnType<typeof createRoomLogFeature>;
  changes: RoomChanges;
  sentAway: SentAway;
  isKeptOut: IsKeptOut;
  publicUrl: PublicUrl;
  shownProducts: ShownProducts;
  viewersOf: (roomIds: readonly string[]) => Promise<number[]>;
  note: NoteAction;
};

/** How often rooms without a stream, and rooms that changed without a word, are looked for, ms. */
const lookEveryMs = 5_000;
/** How soon who helps no more leaves a rehearsal, when the word of it was lost, ms. */
const putOutEveryMs = 2_000;
/**
 * Missed entries that one person is told, at once and steadily: five times all that a room tells. A join that brings as much
 * costs many that bring a snapshot, and whoever asks for it all the time would take the gateway from the others.
 */
const missedBurstMax = 10_000;
const missedPerSecondMax = 500;

export function createRoomFeature(platform: Platform, { roomLog, changes, ...needs }: Needs) {
  const { sentAway, isKeptOut, viewersOf, publicUrl, shownProducts, note } = needs;
  const { db, nowMs } = platform;
  const { log, feeds, persist, onEntry } = roomLog;
  const store = createRoomStore(db);
  let mayEnterWithFans: MayEnterWithFans = async () => false;
  let hasWonIn: HasWonIn = async () => false;
  let pinnedIn: PinnedIn = async () => new Map();
  const cache = createRoomsCache({
    store,
    sentAway,
    mayEnterWithFans: (room, personId) => mayEnterWithFans(room, personId),
    changes,
    nowMs,
  });
  const { rooms, forget } = cache;
  const verbs = createRooms({ store, log, letGo: roomLog.letGo, nowMs, hash: requestHash, forget, persist, note });
  const snapshots = createSnapshots({ nowMs });
  const planned = createPlanned({ shown: shownProducts, nowMs });
  const presence = createPresence(feeds);
  const catchingUp = createFloodLimit({ perSecond: missedPerSecondMax, burst: missedBurstMax, nowMs });
  const entrance = createEntrance({ feeds, find: verbs.find, snapshots, mayCatchUp: catchingUp.tryTake, nowMs });
  onEntry('room:changed', forget);
  onEntry('room:staff-changed', (roomId, { personId, role }) => {
    forget(roomId);
    if (role !== null) return;
    putOutStranger(roomId, personId).catch((error: unknown) =>
      platform.log.warn({ err: error, roomId }, 'somebody who helps no more was not put out'),
    );
  });

  return {
    rooms,
    snapshots,
    presence,
    openGroup: verbs.openGroup,
    closeGroup: verbs.closeGroup,
    staffOf: verbs.staff,
    streamSeen: verbs.streamSeen,
    streamLost: verbs.streamLost,
    streaming: verbs.streaming,
    /** Says who may enter the rooms that are open to fans. Until somebody does, only host and staff may. */
    letFansIn(guard: MayEnterWithFans): void {
      mayEnterWithFans = guard;
    },
    /** Says who has won a right to buy where. Until somebody does, nobody has. */
    letWinnersBuy(ask: HasWonIn): void {
      hasWonIn = ask;
    },
    /** Says what is shown in rooms. Until somebody does, it is nothing. */
    showPinned(read: PinnedIn): void {
      pinnedIn = read;
    },
    register(gateway: Gateway): void {
      const withViewers = async (listed: readonly Room[]) => {
        const ids = listed.map(({ roomId }) => roomId);
        const [viewers, pinned] = await Promise.all([viewersOf(ids), pinnedIn(ids)]);
        return listed.map((room, i) => ({
          ...room,
          viewers: viewers[i] ?? 0,
          pinned: pinned.get(room.roomId) ?? null,
        }));
      };
      registerCalendars(gateway, { calendars: store, publicUrl, nowMs });
      const asks = { isKeptOut, hasWonIn, planned, possibleStaff: createPossibleStaff(db) };
      registerRooms(gateway, { verbs, rooms, entrance, presence, withViewers, ...asks });
      platform.every({ name: 'put out strangers', everyMs: putOutEveryMs, role: 'gateway', run: putOutStrangers });
      platform.every({ name: 'dead rooms', everyMs: lookEveryMs, exclusive: true, run: verbs.endDead });
      platform.every({ name: 'untold rooms', everyMs: lookEveryMs, exclusive: true, run: verbs.tellUntold });
    },
  };

  /** In rehearsals alone: they are few, and everybody else who is present may be. */
  async function putOutStrangers(): Promise<void> {
    const present = new Map(presence.people());
    const rehearsals = present.size === 0 ? [] : await store.rehearsals([...present.keys()]);
    for (const roomId of rehearsals)
      for (const personId of [...present.get(roomId)!.keys()]) await putOutStranger(roomId, personId);
  }

  /** Where only those who help may be, as in a rehearsal, who helps no more has to go. */
  async function putOutStranger(roomId: string, personId: string): Promise<void> {
    const [{ openTo, rehearsal }, relations] = await Promise.all([
      rooms.get(roomId),
      rooms.relations(roomId, personId),
    ]);
    if (relations.has('viewer')) return;
    presence.remove(
      roomId,
      openTo === 'fans' && !rehearsal ? 'not_member' : 'closed',
      (presentId) => presentId === personId,
    );
  }
}
