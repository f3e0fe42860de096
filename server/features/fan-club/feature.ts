import type { Gateway } from '../../gateway/gateway.ts';
import { createBatches } from '../../platform/batches.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Follows } from '../follow/follows.ts';
import type { Rooms } from '../room/rooms.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import { registerFanClubs } from './fan-club.commands.ts';
import { createFanClubs } from './fan-club.ts';
import { createFanClubStore } from './fan-clubs.pg.ts';
import type { JoinResult } from './fan-clubs.ts';
import { hasBoughtFrom } from './purchases.pg.ts';
import { createFanPointsStore } from './fan-points.pg.ts';
import type { Deed } from './fan-points.ts';
import { createMembershipCache } from './membership.cache.ts';

type Needs = {
  follows: Follows;
  log: RoomLog;
  openGroup: (hostId: string, title: string) => Promise<{ roomId: string }>;
  rooms: Pick<Rooms, 'get'>;
  /** Hears what is said in the rooms this gateway serves. */
  onMessage: (hear: (roomId: string, senderId: string, messageId: string) => void) => void;
};

const liveNoticesEveryMs = 2_000;
const decayEveryMs = 60_000;
/** Members that lose points, or are warned, in one transaction. */
const decayBatchMax = 1_000;
/** Joins, and deeds that give points, in one commit, and waiting at the most. */
const batch = { itemsMax: 500, waitingMax: 20_000 } as const;

export function createFanClubFeature(platform: Platform, { follows, log, openGroup, rooms, onMessage }: Needs) {
  const { db, nowMs } = platform;
  const store = createFanClubStore(db);
  const points = createFanPointsStore(db);
  const { membership, forget } = createMembershipCache(store, nowMs);
  const joins = createBatches<{ personId: string; asks: boolean }, JoinResult>({
    ...batch,
    run: (clubId, people) => store.join(clubId, people, nowMs()),
  });
  const deeds = createBatches<Deed, boolean>({
    ...batch,
    run: (_all, items) => points.award(items, nowMs()),
  });
  const clubs = createFanClubs({
    store,
    join: (clubId, person) => joins.add(clubId, person),
    follows,
    hasBought: (hostId, personId) => hasBoughtFrom(db, hostId, personId),
    openGroup,
    announce: (groupRoomId, text) => log.append(groupRoomId, 'fan-club:announcement', { text }),
    forget,
    nowMs,
  });

  return {
    membership,
    /** Gives a member points for something done; resolves when they are in the ledger. False when it gave none: not a member, say. */
    award,
    /** Who may enter a fan group: its members. For the room feature. */
    mayEnterGroup: async ({ hostId }: { hostId: string }, personId: string): Promise<boolean> =>
      (await membership.levelOf(hostId, personId)) !== null,
    register(gateway: Gateway): void {
      gateway.relate('club', async ({ personId, kind }, clubId) => {
        if (personId === clubId) return new Set(kind === 'account' ? ['host'] : []);
        return new Set((await membership.levelOf(clubId, personId)) === null ? [] : ['member']);
      });
      onMessage((roomId, senderId, messageId) => void thank(roomId, senderId, messageId).catch(warn));
      registerFanClubs(gateway, { clubs, store, points });
      platform.every({ name: 'fan live notices', everyMs: liveNoticesEveryMs, exclusive: true, run: tellLive });
      platform.every({ name: 'fan points decay', everyMs: decayEveryMs, exclusive: true, run: decay });
    },
  };

  function award(deed: Deed): Promise<boolean> {
    return deeds.add('', deed);
  }

  /** Told first and noted afterwards; the client key makes a second telling after a crash no second entry. */
  async function tellLive(): Promise<void> {
    for (const { groupRoomId, roomId, title } of await store.liveToTell()) {
      const options = { senderId: 'server', clientKey: `live:${roomId}` };
      await log.append(groupRoomId, 'fan-club:live', { roomId, title }, options);
      await store.markTold(roomId);
    }
  }

  /** A comment gives a member points. Two gateways may hear it: the message is the cause, and a cause counts once. */
  async function thank(roomId: string, senderId: string, messageId: string): Promise<void> {
    const { hostId } = await rooms.get(roomId);
    if ((await membership.levelOf(hostId, senderId)) === null) return;
    await award({ clubId: hostId, personId: senderId, source: 'comment', cause: messageId, times: 1 });
  }

  function warn(error: unknown): void {
    platform.log.warn({ err: error }, 'points were not given');
  }

  async function decay(): Promise<void> {
    await points.takeWarnings(nowMs(), decayBatchMax);
    await points.decay(nowMs(), decayBatchMax);
  }
}
