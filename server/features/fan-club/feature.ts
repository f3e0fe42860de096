import type { Gateway } from '../../gateway/gateway.ts';
import { createBatches } from '../../platform/batches.ts';
import type { Platform } from '../../platform/platform.ts';
import type { TellEach, TellPerson } from '../../gateway/tell-person.ts';
import type { Purchases } from '../orders/purchases.ts';
import type { Follows } from '../follow/follows.ts';
import type { Presence } from '../room/presence.socket.ts';
import type { RoomChanges } from '../room/room-changes.ts';
import type { Rooms, RoomView } from '../room/rooms.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';
import { registerFanClubs } from './fan-club.commands.ts';
import { createFanClubs } from './fan-club.ts';
import { createFanClubStore } from './fan-clubs.pg.ts';
import type { JoinResult } from './fan-clubs.ts';
import { createJoinNews } from './join-news.ts';
import { createFansDoor } from './fans-door.ts';
import { createGroupNews } from './group-news.ts';
import { createFanPointsStore } from './fan-points.pg.ts';
import type { Awarded, Deed, Fan } from './fan-points.ts';
import { createThanks } from './thanks.ts';
import { createMembershipCache } from './membership.cache.ts';

type Needs = {
  follows: Follows;
  changes: RoomChanges;
  roomLog: ReturnType<typeof createRoomLogFeature>;
  openGroup: (hostId: string, title: string) => Promise<{ roomId: string }>;
  closeGroup: (roomId: string, closed: boolean) => Promise<void>;
  rooms: Pick<Rooms, 'get' | 'relations'>;
  presence: Presence;
  purchases: Pick<Purchases, 'boughtFrom' | 'standingOf'>;
  isBannedBy: (hostId: string, personId: string) => Promise<boolean>;
  tell: TellPerson;
  tellEach: TellEach;
  /** Somebody is in a room for fans no more. */
  onStranger: (roomId: string, personId: string) => void;
  /** Hears who likes what, on this gateway. */
  onLiked: (hear: (roomId: string, personId: string) => void) => void;
};

const groupNewsEveryMs = 2_000;
const groupsToldMax = 100;
/** How long somebody whose membership ended may go on reading when the word of it got lost, ms. */
const fansDoorsEveryMs = 5_000;
const decayEveryMs = 60_000;
/** Members that lose points, or are warned, in one transaction; and such transactions in one run. */
const decayBatchMax = 1_000;
const decayBatchesMax = 100;
const auditEveryMs = 60_000;
/** Members whose sum and list are compared in one run: everybody's turn comes, and no run is long. */
const auditedMax = 500;
/** Joins, and deeds that give points, in one commit, and waiting at the most. */
const batch = { itemsMax: 500, waitingMax: 20_000 } as const;

export function createFanClubFeature(platform: Platform, needs: Needs) {
  const { follows, roomLog, openGroup, rooms, presence, purchases, tellEach, onLiked } = needs;
  const { db, nowMs } = platform;
  const store = createFanClubStore(db);
  const points = createFanPointsStore(db);
  const hasClub = async (hostId: string): Promise<boolean> => (await store.find(hostId)) !== null;
  const { membership, forget } = createMembershipCache({ members: store, hasClub, changes: needs.changes, nowMs });
  const joins = createBatches<{ personId: string; asks: boolean }, JoinResult>({
    ...batch,
    run: (clubId, people) => store.join(clubId, people, nowMs()),
  });
  const deeds = createBatches<Deed, Awarded>({
    ...batch,
    run: (_all, items) => points.award(items, nowMs()),
  });
  const { thank, thankSpeakers, thankBuyer } = createThanks({
    rooms,
    membership,
    spoke: store.spoke,
    purchases,
    award,
    takeBack: (cause) => points.takeBack(cause, nowMs()),
  });
  const onError = (error: unknown, roomId: string): void =>
    platform.log.warn({ err: error, roomId }, 'a room for fans was not seen to; it will be in the next round');
  const { onStranger } = needs;
  const door = createFansDoor({ store, presence, rooms, signals: roomLog.signals, forget, onStranger, onError });
  const clubs = createFanClubs({
    store,
    join: (clubId, person) => joins.add(clubId, person),
    follows,
    hasBought: purchases.boughtFrom,
    isBannedBy: needs.isBannedBy,
    openGroup,
    closeGroup: needs.closeGroup,
    forget,
    putOut: (clubId, personId) =>
      door
        .putOut(clubId, personId)
        .catch((error: unknown) =>
          platform.log.warn(
            { err: error, clubId },
            'an end of a membership was not told; it is found in the next round',
          ),
        ),
    tell: (personId, own) => needs.tell(personId, 'fan-club:own', own),
    nowMs,
  });
  const joined = createJoinNews({
    rooms,
    log: roomLog.log,
    after: (ms, run) => setTimeout(run, ms).unref(),
    onError: (error) => platform.log.warn({ err: error }, 'a room was not told that somebody joined'),
  });
  const tellGroups = createGroupNews({ store, log: roomLog.log, toldMax: groupsToldMax, onError });

  let auditedTo: Fan | null = null;

  return {
    membership,
    members: { among: store.among },
    hasClub,
    thankBuyer,
    /** Gives a member points for something done. True when they are in the ledger, from now or from before. */
    award: async (deed: Deed): Promise<boolean> => (await award(deed)) !== 'nothing',
    /** Who may enter a room for fans: members, a group while it is open. For the room feature. */
    mayEnter: async ({ kind, hostId, state }: RoomView, personId: string): Promise<boolean> =>
      (kind === 'show' || state === 'live') && (await membership.levelOf(hostId, personId)) !== null,
    register(gateway: Gateway): void {
      gateway.relate('club', async ({ personId, kind }, clubId) => {
        if (personId === clubId) return new Set(kind === 'account' ? ['host'] : []);
        return new Set((await membership.levelOf(clubId, personId)) === null ? [] : ['member']);
      });
      roomLog.onArchived('chat:message', thankSpeakers);
      onLiked((roomId, personId) => void thank(roomId, personId, 'like', `${roomId}:${minuteNow()}`).catch(warn));
      gateway.expose('fan-club:share', async ({ personId }, { roomId }) => ({
        counted: (await thank(roomId, personId, 'share', `${roomId}:${Math.floor(minuteNow() / 60)}`)) === 'given',
      }));
      registerFanClubs(gateway, { clubs, store, points, presence, joined, nowMs });
      platform.every({ name: 'fan group news', everyMs: groupNewsEveryMs, exclusive: true, run: tellGroups });
      platform.every({ name: 'fans doors', everyMs: fansDoorsEveryMs, role: 'gateway', run: door.check });
      platform.every({ name: 'fan points decay', everyMs: decayEveryMs, exclusive: true, run: decay });
      platform.every({ name: 'fan points audit', everyMs: auditEveryMs, exclusive: true, run: audit });
    },
  };

  function award(deed: Deed): Promise<Awarded> {
    return deeds.add('', deed);
  }

  function minuteNow(): number {
    return Math.floor(nowMs() / 60_000);
  }

  function warn(error: unknown): void {
    platform.log.warn({ err: error }, 'points were not given');
  }

  async function decay(): Promise<void> {
    await inBatches(async () => {
      const warnings = await points.takeWarnings(nowMs(), decayBatchMax);
      const told = warnings.map(({ personId, ...body }) => ({ personId, body }));
      await tellEach('fan-club:decaying', told);
      return warnings.length;
    });
    await inBatches(() => points.decay(nowMs(), decayBatchMax));
  }

  /** Until nobody is left; but a run ends some time, because the process that is to stop waits for it. The next one goes on. */
  async function inBatches(run: () => Promise<number>): Promise<void> {
    for (let batches = 0; batches < decayBatchesMax; batches += 1) if ((await run()) < decayBatchMax) return;
  }

  async function audit(): Promise<void> {
    const { drifted, next } = await points.audit(auditedTo, auditedMax);
    auditedTo = next;
    for (const drift of drifted) platform.log.error(drift, 'the points of a member are not the sum of their list');
  }
}
