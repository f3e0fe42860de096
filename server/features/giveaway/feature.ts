import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { TellEach } from '../../gateway/tell-person.ts';
import { requestHash } from '../../platform/request-hash.ts';
import { createBatches } from '../../platform/batches.ts';
import { eachOf } from '../../platform/each-of.ts';
import { noId } from '../../platform/pages.ts';
import type { Platform } from '../../platform/platform.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { AddressBook } from '../address/address-book.ts';
import type { DropOffers } from '../offer/drop-offers.ts';
import type { RightUses } from '../sale/right-uses.ts';
import type { Deed } from '../fan-club/fan-points.ts';
import type { Members } from '../fan-club/membership.ts';
import type { Followers } from '../follow/follows.ts';
import type { PutOuts } from '../moderation/put-outs.ts';
import type { Purchases } from '../orders/purchases.ts';
import type { createRoomFeature } from '../room/feature.ts';
import { isStaff } from '../room/rooms.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';
import { AppError } from '../../../shared/errors.ts';

import { createAdvance, type PayPoints } from './advance.ts';
import { beatIsDue, createAwardStore, someAwardIsOpen } from './awards.pg.ts';
import { createBeacons, type FetchBeacon } from './beacons.ts';
import { isGoodRound } from './draw.ts';
import { createDrawThreads } from './draw-threads.ts';
import type { DropPromises } from './drop-promises.ts';
import { createEnter, type Entrant, type Taken } from './enter.ts';
import { createEntrantFacts } from './known-facts.ts';
import { createEntryStore } from './entries.pg.ts';
import { createFunnel } from './funnel.ts';
import { registerGiveaways } from './giveaway.commands.ts';
import { createGiveaways } from './giveaway.ts';
import { registerProofRoutes } from './giveaway.routes.ts';
import { createGiveawayStore, someGiveawayGoesOn } from './giveaways.pg.ts';
import { createKeywords } from './keywords.ts';
import { createLists } from './lists.ts';
import { createPrizeBeat } from './prize-beat.ts';
import { createProofs } from './proof.ts';
import { createPublish } from './publish.ts';
import { createRecall } from './recall.ts';
import { newSecrets } from './receipts.ts';
import { createRightsToBuy } from './rights-to-buy.pg.ts';
import { shownAward } from './shown.ts';
import { createWatchTime, creditEveryMs } from './watch-time.redis.ts';
import { createWatching } from './watching.ts';
import { createWatchRound } from './watch-round.ts';

type Needs = {
  room: ReturnType<typeof createRoomFeature>;
  roomLog: ReturnType<typeof createRoomLogFeature>;
  /** Hears what is said in rooms through this gateway. */
  onSaid: (hear: (roomId: string, message: ChatMessage) => void) => void;
  award: (deed: Deed) => Promise<boolean>;
  addresses: AddressBook;
  followers: Followers;
  members: Members;
  purchases: Purchases;
  putOuts: PutOuts;
  rightUses: RightUses;
  dropOffers: DropOffers;
  dropPromises: DropPromises;
  /** Whether a host has a fan club. */
  hasClub: (hostId: string) => Promise<boolean>;
  fetchBeacon: FetchBeacon;
  tellEach: TellEach;
  note: NoteAction;
};

const advanceEveryMs = 500;
/** Giveaways taken a step further in one run of the worker. */
const advancedMax = 50;
/** So long before its close the list of a giveaway begins to be read, ms; and so many lists at a time. */
const readAheadMs = 20_000;
const readAheadMax = 4;
/** Giveaways at the same time: each holds a connection now and then, and pages of its list. */
const atOnce = 4;
/** Entries that wait for their commit, over all giveaways of this gateway. */
const entriesWaitingMax = 50_000;
/** Entries of one commit. */
const entriesPerCommitMax = 1_000;

/** What the room hears when its list of giveaways is another one. */
const listChanges = [
  'giveaway:published',
  'giveaway:cancelled',
  'giveaway:closed',
  'giveaway:frozen',
  'giveaway:void',
  'giveaway:drawn',
  'giveaway:lapsed',
  'giveaway:passed-on',
] as const;

export function createGiveawayFeature(platform: Platform, needs: Needs) {
  const { room, roomLog, award, addresses, fetchBeacon, tellEach } = needs;
  const { db, redis, nowMs, log, lifecycle } = platform;
  const store = createGiveawayStore(db);
  const entries = createEntryStore(db);
  const awards = createAwardStore(db, needs.rightUses);
  const threads = createDrawThreads();
  lifecycle.onClose('draw threads', threads.close);
  const watchTime = createWatchTime(redis.commands, nowMs);
  const facts = createEntrantFacts({ ...needs, watchTime });
  const reportPeople = createWatchRound({
    people: room.presence.people,
    credit: createWatching({ ...needs, rooms: room.rooms, watchTime, warn }),
    watchTime,
    askLedger: () => db.query('SELECT 1'),
    warn,
  });
  const funnel = createFunnel({ ...needs, entries, watchTime });
  const { recall, forget } = createRecall(store, nowMs);
  const enter = createEnter({
    entries,
    facts,
    // Only the latest value is sent.
    onCount: ({ roomId, giveawayId }, entryCount) =>
      roomLog.log.setAggregate(roomId, `entries:${giveawayId}`, entryCount),
    nowMs,
  });
  const keywords = createKeywords({ store, watchTime, nowMs });
  const payPoints: PayPoints = ({ awardId, personId }, clubId, points) =>
    award({ clubId, personId, source: 'prize', cause: `award:${awardId}`, times: points });
  const lists = createLists({ entries, threads });
  const steps = createAdvance({
    ...needs,
    store,
    entries,
    lists,
    awards,
    threads,
    watchTime,
    funnel,
    log: roomLog.log,
    askBeacon: createBeacons(fetchBeacon, (...round) => isGoodRound(threads, ...round), nowMs),
    payPoints,
    tellWinners: (places, { rules }) =>
      tellEach(
        'giveaway:won',
        places.map((place) => ({ personId: place.personId, body: shownAward({ ...place, rules }) })),
      ),
    nowMs,
  });
  const batches = createBatches<Entrant, Taken>({
    itemsMax: entriesPerCommitMax,
    waitingMax: entriesWaitingMax,
    async run(giveawayId, people) {
      const giveaway = await recall(giveawayId);
      if (!giveaway) throw new AppError('NOT_FOUND');
      return enter(giveaway, people);
    },
  });
  const giveaways = createGiveaways({
    store,
    entries,
    awards,
    facts,
    funnel,
    rooms: room.rooms,
    addresses,
    payPoints,
    publish: createPublish({
      store,
      hasClub: needs.hasClub,
      offers: needs.dropOffers,
      promises: needs.dropPromises,
      newSecrets,
      hash: requestHash,
      nowMs,
    }),
    recall,
    forget,
    enterBatch: (giveawayId, entrant) => batches.add(giveawayId, entrant),
    advance: steps.advance,
    hears: (roomId) => roomLog.feeds.served(roomId) !== undefined,
    note: needs.note,
    nowMs,
  });
  const proofs = createProofs({ store, entries, awards, threads });
  /** Where the next turn goes on: giveaways that stay overdue for a while must not keep others from their turn. */
  let passedOnUpTo = noId;
  const beat = createPrizeBeat(awards, redis.commands);
  room.snapshots.add('giveaways', giveaways.atTheDoor);

  return {
    rights: createRightsToBuy(db, nowMs),
    register(gateway: Gateway): void {
      gateway.relate('giveaway', async ({ personId }, giveawayId) => {
        const giveaway = await recall(giveawayId);
        if (!giveaway) throw new AppError('NOT_FOUND');
        const relations = await room.rooms.relations(giveaway.roomId, personId);
        const maySee = relations.has('viewer');
        // Whoever entered can prove it for ever: a host who puts them out must not keep the receipt from them.
        const isIn = async () => (await entries.ofPeople(giveawayId, [personId])).size > 0;
        // Moderators too: they could put others out of the room right before the close.
        const runsIt = isStaff(relations);
        const held = new Set<string>(relations);
        if (maySee || (await isIn())) held.add('entrant');
        if (maySee && !runsIt) held.add('outsider');
        return held;
      });
      registerGiveaways(gateway, { giveaways, proofs });
      registerProofRoutes(gateway, proofs, nowMs);
      needs.onSaid((roomId, { senderId, text }) => void keywords.hear(roomId, senderId, text).catch(warn));
      roomLog.onArchived('chat:message', keywords.hearAgain);
      roomLog.onEntry('giveaway:published', (roomId) => keywords.forget(roomId));
      for (const kind of listChanges) roomLog.onEntry(kind, (roomId) => giveaways.forgetList(roomId));
      roomLog.onEntry('giveaway:cancelled', (_roomId, { giveawayId }) => forget(giveawayId));
      roomLog.onEntry('giveaway:closed', (_roomId, { giveawayId }) => forget(giveawayId));
      const due = [someGiveawayGoesOn, someAwardIsOpen, beatIsDue].join(' OR ');
      platform.every({ name: 'giveaways', everyMs: advanceEveryMs, exclusive: true, due, run: advanceAll });
      platform.every({ name: 'watch time', role: 'gateway', everyMs: creditEveryMs, run: reportPeople });
    },
  };

  async function advanceAll(): Promise<void> {
    // Before anything is passed on: what an outage took from the winners is given back first.
    await beat();
    await someAtATime(await store.due(nowMs(), advancedMax), async (giveawayId) => {
      try {
        await steps.advance(giveawayId);
      } catch (error) {
        await store.wait(giveawayId, nowMs());
        throw error;
      }
    });
    const overdue = await awards.due(nowMs(), advancedMax, passedOnUpTo);
    passedOnUpTo = overdue.length < advancedMax ? noId : overdue.at(-1)!;
    await someAtATime(overdue, steps.passOn);
    await lists.readAhead(await store.closing(nowMs() + readAheadMs, readAheadMax));
  }

  /** Some at a time, so that a list of a million does not keep a small one waiting. One that fails does not keep the others. */
  function someAtATime<T>(items: readonly T[], step: (item: T) => Promise<void>): Promise<void> {
    return eachOf(items, atOnce, (item) => step(item).catch(warn));
  }

  function warn(error: unknown): void {
    log.warn({ err: error }, 'a step of a giveaway failed; it will be tried again');
  }
}
