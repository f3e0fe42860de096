import { setTimeout as pause } from 'node:timers/promises';
import type { Aggregates } from '../../../shared/protocol/room.ts';
import { groupsOf } from '../../platform/each-of.ts';
import type { People } from '../room/presence.socket.ts';
import type { AudienceNow, AudienceStore } from './audience-store.pg.ts';
import { createClaims, type Claimed } from './claims.ts';
import { aliveMs, type Counters } from './counters.redis.ts';

type Needs = {
  /** This process among all gateways. */
  gatewayId: string;
  counters: Counters;
  store: AudienceStore;
  /** Rooms served here, and who is in them on this gateway. */
  people: () => Iterable<[roomId: string, people: People]>;
  /** Tells the other gateways that serve the room how many people are here. */
  tell: (roomId: string, people: number) => Promise<void>;
  /** Shows numbers to the people of this gateway. */
  show: (roomId: string, values: Aggregates) => void;
  /** A count that only rises, as the people of this gateway were last told it; 0 when they were not. */
  lastShown: (roomId: string, count: 'likes' | 'visitors') => number;
  /** There is something to save. */
  noteNews: (roomId: string) => void;
  onError: (error: unknown, roomId: string) => void;
  /** ms since any fixed moment, never jumping. */
  elapsedMs: () => number;
};

type Counted = {
  claimed: Claimed;
  /** People by gateway, as last told; our own among them. */
  byGateway: Map<string, number>;
  /** People who were counted as visitors by this gateway. */
  visitors: Set<string>;
  /** As many were saved before this gateway opened the room; null until PostgreSQL has said so. */
  visitorsSaved: number | null;
  told: number;
  /** What was shown last. */
  shown: number;
  /** Gateways that were dead when everything was last read. */
  dead: ReadonlySet<string>;
  /** Rounds until everything is told and read again. */
  refreshIn: number;
  /** How often this gateway had been silent when everybody here was last claimed. */
  silences: number;
};

/**
 * Rounds after which everything of a room is told and read again, in case a message got lost. Each room has its turn in another round,
 * so that a gateway of a thousand rooms does not stand still for all of them at once.
 */
const roundsUntilRefresh = 12;
/** Visitors of one room this gateway remembers to have counted; counting one again changes nothing. */
const rememberedMax = 100_000;
/** When what was saved of a room could not be read: the wait before it is tried again, ms. */
const learnAgainMs = 1_000;
/** Visitors of one call; it blocks Redis for about 1 µs each. */
const addedAtOnce = 5_000;

export type Audience = ReturnType<typeof createAudience>;

/**
 * How many people are in each room, over all gateways. Each gateway says how many it has when that changes, and that it lives;
 * each adds up those that live. So a gateway that was killed takes its viewers with it, without anybody cleaning up.
 */
export function createAudience(needs: Needs) {
  const { gatewayId, counters, store, people, tell, show, lastShown, noteNews, onError, elapsedMs } = needs;
  const rooms = new Map<string, Counted>();
  let alive: ReadonlySet<string> = new Set([gatewayId]);
  const claims = createClaims({ gatewayId, counters, alive: () => alive });
  /** What is being done about a room; it has its next turn when that is over. */
  const underWay = new Map<string, Promise<void>>();
  let isClosed = false;
  let opened = 0;
  /** How often others may have taken this gateway for dead. */
  let silences = 0;
  let beatAtMs = -Infinity;
  /** When we last heard who lives: with each beat where there are any, else when somebody asks. */
  let heardAtMs = -Infinity;

  return {
    /**
     * One round of counting; run a few times a second. It waits for nothing but the beat: a room that takes long must not make this
     * gateway look dead, and its viewers in all other rooms with it.
     */
    async round(): Promise<void> {
      const [fromMs, before] = [beatAtMs, alive];
      alive = new Set(await counters.beat(gatewayId));
      beatAtMs = heardAtMs = elapsedMs();
      if (beatAtMs - fromMs > aliveMs) silences += 1;
      const isSame = before.size === alive.size && [...before].every((id) => alive.has(id));
      const here = new Map(people());
      for (const [roomId, present] of here)
        if (!isPassed(roomId, present, isSame)) start(roomId, () => count(roomId, present));
      for (const roomId of rooms.keys()) if (!here.has(roomId)) start(roomId, () => leave(roomId));
    },
    /** After the last round. Resolves when nothing is under way any more. */
    async close(): Promise<void> {
      isClosed = true;
      await Promise.all(underWay.values());
    },
    /** Another gateway said how many people it has in a room. */
    hear(roomId: string, otherId: string, headcount: number): void {
      const room = rooms.get(roomId);
      if (!room || otherId === gatewayId) return;
      room.byGateway.set(otherId, headcount);
      showViewers(roomId, room);
    },
    /** People in rooms now, whether this gateway serves them or not. */
    viewersOf,
    /** Likes, viewers and visitors of a room, also long after its end. */
    async of(roomId: string): Promise<AudienceNow> {
      const [saved, [counted]] = await Promise.all([store.find(roomId), countedIn([roomId])]);
      const { likes, viewers, visitors } = counted!;
      return { likes: Math.max(saved.likes, likes), viewers, visitors: Math.max(saved.visitors, visitors) };
    },
    /** The same of many rooms, as far as Redis remembers. */
    countedIn,
  };

  async function countedIn(roomIds: readonly string[]): Promise<AudienceNow[]> {
    await hearLatelyWhoLives();
    const counts = await counters.counts(roomIds);
    return counts.map(({ likes, visitors, byGateway }) => ({ likes, visitors, viewers: sumAlive(byGateway) }));
  }

  async function viewersOf(roomIds: readonly string[]): Promise<number[]> {
    if (roomIds.length === 0) return [];
    await hearLatelyWhoLives();
    return (await counters.viewers(roomIds)).map(sumAlive);
  }

  /** A process that serves nobody itself, but saves what is counted, does not beat. */
  async function hearLatelyWhoLives(): Promise<void> {
    if (elapsedMs() - heardAtMs <= aliveMs) return;
    alive = new Set(await counters.beat(null));
    heardAtMs = elapsedMs();
  }

  function start(roomId: string, run: () => Promise<void>): void {
    if (underWay.has(roomId)) return;
    underWay.set(
      roomId,
      guarded(roomId, run).finally(() => underWay.delete(roomId)),
    );
  }

  /** Most rooms, most of the time: nothing is to be done, and of a thousand of them nothing must cost anything. */
  function isPassed(roomId: string, present: People, isSame: boolean): boolean {
    const room = rooms.get(roomId);
    if (!room || underWay.has(roomId) || room.silences !== silences || !isQuiet(room, present)) return false;
    room.refreshIn -= 1;
    if (!isSame) showViewers(roomId, room); // Another gateway has died, or lives.
    return true;
  }

  async function count(roomId: string, present: People): Promise<void> {
    const room = rooms.get(roomId) ?? (await open(roomId));
    const wasSilent = room.silences !== silences;
    const silencesNow = silences;
    // Who was silent for long counted as dead: the others may have struck off what it had told.
    const refresh = room.refreshIn === 0 || wasSilent;
    const { life } = room.claimed;
    await claims.renew(roomId, room.claimed, present, { refresh, wasSilent });
    room.silences = silencesNow;
    const headcount = room.claimed.ours.size;
    room.byGateway.set(gatewayId, headcount);
    if (refresh) await readOthers(roomId, room, () => counters.tellViewers(roomId, gatewayId, headcount));
    if (room.told !== headcount) await tellOwn(roomId, room, headcount);
    room.refreshIn = refresh ? roundsUntilRefresh - 1 : room.refreshIn - 1;
    showViewers(roomId, room);
    // Whoever counted on after Redis forgot them may not have known how many they were.
    if (refresh) await raiseLikes(roomId);
    if (room.visitorsSaved === null) return;
    await countVisitors(roomId, room, present);
    // Redis that forgot who is there has forgotten who was, too: each gateway tells whom it has counted.
    if (life !== '' && room.claimed.life !== life) await addVisitors(roomId, room, [...room.visitors]);
  }

  /** Nobody came or left, all who are there are counted here, and it is not time to tell and read everything again. */
  function isQuiet({ claimed: { ours }, visitors, told, refreshIn }: Counted, present: People): boolean {
    if (refreshIn === 0 || told !== present.size || ours.size !== present.size) return false;
    for (const personId of present.keys()) if (!ours.has(personId) || !visitors.has(personId)) return false;
    return true;
  }

  /** Listens first and reads then, so that no word of another gateway falls between the two. */
  async function open(roomId: string): Promise<Counted> {
    const room: Counted = {
      claimed: { ours: new Set(), life: '' },
      byGateway: new Map(),
      visitors: new Set(),
      visitorsSaved: null,
      told: 0,
      shown: 0,
      dead: new Set(),
      refreshIn: opened++ % roundsUntilRefresh,
      silences,
    };
    rooms.set(roomId, room);
    void learnSaved(roomId, room);
    await readOthers(roomId, room, async () => (await counters.viewers([roomId]))[0]!);
    return room;
  }

  /** Likes and visitors go on from what was saved; viewers don't wait for it. */
  async function learnSaved(roomId: string, room: Counted): Promise<void> {
    await guarded(roomId, async () => {
      const { likes, visitors } = await store.find(roomId);
      await raiseLikes(roomId, likes);
      room.visitorsSaved = visitors;
    });
    if (room.visitorsSaved !== null || isClosed || rooms.get(roomId) !== room) return;
    await pause(learnAgainMs, undefined, { ref: false });
    await learnSaved(roomId, room);
  }

  /** To what was saved or shown, whichever is more: what is shown is newer. */
  async function raiseLikes(roomId: string, saved = 0): Promise<void> {
    const likesMin = Math.max(saved, lastShown(roomId, 'likes'));
    if (likesMin > 0) await counters.raiseLikes(roomId, likesMin);
  }

  /** A gateway that was dead twice in a row does not come back under its name; what it told is struck off. */
  async function readOthers(roomId: string, room: Counted, read: () => Promise<Map<string, number>>): Promise<void> {
    const before = new Map(room.byGateway);
    const told = await read();
    // What was said while we read is newer than what we read, and so is what we know of ourselves.
    for (const [id, headcount] of room.byGateway)
      if (id === gatewayId || before.get(id) !== headcount) told.set(id, headcount);
    room.byGateway = told;
    const dead = new Set([...told.keys()].filter((id) => !alive.has(id)));
    const gone = [...dead].filter((id) => room.dead.has(id));
    room.dead = dead;
    if (gone.length > 0) await counters.strikeOff(roomId, gone);
  }

  async function tellOwn(roomId: string, room: Counted, headcount: number): Promise<void> {
    await counters.tellViewers(roomId, gatewayId, headcount);
    await tell(roomId, headcount);
    room.told = headcount;
  }

  async function leave(roomId: string): Promise<void> {
    const room = rooms.get(roomId)!;
    await claims.letGo(roomId, room.claimed);
    await tellOwn(roomId, room, 0);
    noteNews(roomId);
    rooms.delete(roomId);
  }

  async function countVisitors(roomId: string, room: Counted, present: People): Promise<void> {
    const fresh: string[] = [];
    for (const personId of present.keys()) if (!room.visitors.has(personId)) fresh.push(personId);
    if (fresh.length === 0) return;
    await addVisitors(roomId, room, fresh);
    if (room.visitors.size > rememberedMax) room.visitors.clear();
    for (const personId of fresh) room.visitors.add(personId);
  }

  async function addVisitors(roomId: string, room: Counted, personIds: readonly string[]): Promise<void> {
    const toldMin = Math.max(room.visitorsSaved ?? 0, lastShown(roomId, 'visitors'));
    for (const some of groupsOf(personIds, addedAtOnce)) await counters.addVisitors(roomId, some, toldMin);
    noteNews(roomId);
  }

  function showViewers(roomId: string, room: Counted): void {
    const viewers = sumAlive(room.byGateway);
    if (viewers !== room.shown) noteNews(roomId);
    room.shown = viewers;
    show(roomId, { viewers });
  }

  function sumAlive(byGateway: ReadonlyMap<string, number>): number {
    let viewers = 0;
    for (const [id, headcount] of byGateway) if (alive.has(id)) viewers += headcount;
    return viewers;
  }

  /** One room's trouble does not keep the others from being counted. */
  async function guarded(roomId: string, run: () => Promise<void>): Promise<void> {
    await run().catch((error: unknown) => onError(error, roomId));
  }
}
