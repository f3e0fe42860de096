import type { Transport } from 'mediasoup/types';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { withEdges, type SfuWithEdges } from '../../media/edges/edges.ts';
import { linkSilentMs } from '../../media/edges/link-verbs.ts';
import { createLinks } from '../../media/edges/links.ts';
import { noPlace } from '../../media/room/crowd.ts';
import { AppError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { SessionEnd } from '../../shared/protocol/media.ts';
import { eventually } from '../support/eventually.ts';
import { cuttablePipe, startEdgeProcess } from './support/edges.ts';
import { idle, listenInfo, routersOf, serveEdge, silent, token } from './support/edge-serving.ts';
import { comeAsPage, comeToPublish, comeToWatch } from './support/raw-clients.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';
import { expectAllOverWay, publishLayered } from './support/way.ts';

// One media server that has no room left, and others that carry viewers for it.

const deadlineMs = 10_000;
/** In which home must know: four beats, and a machine that is busy. */
const noticedWithinMs = 2_000;
/** In which viewers are to see pictures again after any fault. */
const movedWithinMs = 3_000;
/** A worker that answers nothing is killed after 5 s. */
const beforeTakenForDeadMs = 4_500;
const nowMs = (): number => performance.now();

let home: TestSfu;
let east: TestSfu;
let west: TestSfu;
let roomId: string;
/** Everything of a test, ended behind it, the latest first. */
const kept: { close(): unknown }[] = [];

beforeAll(async () => {
  [home, east, west] = await Promise.all([startSfu(), startSfu(), startSfu()]);
}, 20_000);
beforeEach(() => {
  roomId = newId();
});
afterEach(async () => {
  for (const each of kept.splice(0).reverse()) await each.close();
  await home.sfu.endAll({ roomId, reason: 'left' });
});
afterAll(() => {
  for (const { close } of [home, east, west]) close();
});

const keep = <C extends { close(): unknown }>(each: C): C => {
  kept.push(each);
  return each;
};

type Options = { own?: TestSfu; homeLoad?: () => number; leftOutMs?: number; unansweredMax?: number };

/** Home and these edges as one, all there; home has no room for viewers. */
async function together(urls: string[], { own = home, ...options }: Options = {}) {
  const sfu = withEdges({
    home: { ...own.sfu, close: () => undefined },
    addresses: urls.map((url) => ({ url, token })),
    listenInfo,
    log: silent,
    nowMs,
    homeLoad: () => 1,
    lingerMs: 200,
    ...options,
  });
  keep(sfu);
  const events: MediaEvent[] = [];
  sfu.listen((event) => events.push(event));
  await eventually(() => sfu.edges().every(({ isUp }) => isUp), { deadlineMs });
  return { sfu, events };
}

const edgeOf = async (sfu: TestSfu['sfu'], options = {}) => keep(await serveEdge(sfu, options));

async function onAir(sfu: SfuWithEdges) {
  const host = keep(await comeToPublish(sfu, roomId));
  const [sound, picture] = [await host.produce('audio'), await host.produce('video')];
  return { ...host, sound, picture };
}

const watch = async (sfu: SfuWithEdges) => keep(await comeToWatch(sfu, roomId));
type Viewer = Awaited<ReturnType<typeof watch>>;

async function seesMore({ packets }: Viewer, withinMs = deadlineMs): Promise<void> {
  const before = { ...packets };
  await eventually(() => packets.video > before.video + 5 && packets.audio > before.audio + 5, {
    deadlineMs: withinMs,
  });
}

/** The offer of a player that needs a router of its own. */
const inOtherNumbers = (offer: string): string =>
  offer.replaceAll(
    /(rtpmap:|fmtp:|rtcp-fb:|SAVPF )(96|111)\b/g,
    (_all, where: string, type: string) => `${where}${Number(type) - 1}`,
  );

const endOf = (events: MediaEvent[], { sessionId }: { sessionId: string }): SessionEnd | undefined =>
  events.find((event) => event.type === 'closed' && event.sessionId === sessionId)?.['reason' as never];

/** Players whose sessions end begin anew, as pages do; they must see pictures again in time. */
async function moveInTime(
  sfu: SfuWithEdges,
  events: MediaEvent[],
  viewers: readonly Viewer[],
  fault: () => unknown,
): Promise<void> {
  const struckAtMs = nowMs();
  await fault();
  await eventually(() => viewers.every((viewer) => endOf(events, viewer) === 'worker-died'), { deadlineMs });
  expect(nowMs() - struckAtMs).toBeLessThan(noticedWithinMs);
  const again = await Promise.all(viewers.map(() => watch(sfu)));
  await Promise.all(again.map((viewer) => seesMore(viewer)));
  expect(nowMs() - struckAtMs).toBeLessThan(movedWithinMs);
}

test('viewers whom home has no room for see the show at an edge, each packet once, and nothing stays there behind them', async () => {
  const edge = await edgeOf(east.sfu);
  const { sfu, events } = await together([edge.url]);
  const host = await onAir(sfu);
  const [viewer, other] = [await watch(sfu), keep(await comeToWatch(sfu, roomId, inOtherNumbers))];
  const page = await comeAsPage(sfu, roomId);
  keep(page.peer);
  expect(home.sfu.running()!.rooms.find(roomId)!.sessions().size).toBe(1);
  expect(page.consumers.map(({ producerId }) => producerId).toSorted()).toEqual([host.sound, host.picture].toSorted());
  expect(sfu.edges()).toMatchObject([{ isUp: true, sessions: 3, rooms: 1 }]);
  const { sessions } = await sfu.watching({ after: 0, max: 10 });
  expect(sessions.map(({ sessionId }) => sessionId).slice(0, 2)).toEqual([viewer.sessionId, other.sessionId]);

  await seesMore(viewer);
  await eventually(() => other.media.packets > 50, { deadlineMs });
  const [before, sentBefore] = [{ ...viewer.packets }, { audio: host.sent('audio'), video: host.sent('video') }];
  await eventually(() => viewer.packets.audio > before.audio + 60, { deadlineMs });
  // Twice as many, if they came twice; and some were on the way when the counting began.
  for (const kind of ['audio', 'video'] as const)
    expect(viewer.packets[kind] - before[kind]).toBeLessThan(1.5 * (host.sent(kind) - sentBefore[kind]) + 20);
  expect(viewer.media.sources()).toBe(2);
  expect([viewer, other].map(({ media }) => media.repeated)).toEqual([0, 0]);

  // A ban, and the last who leave.
  await sfu.endAll({ roomId, ownerId: viewer.ownerId, direction: 'watch', reason: 'not-allowed' });
  await eventually(() => endOf(events, viewer) === 'not-allowed', { deadlineMs });
  expect(await sfu.ended({ sessions: [viewer, other].map(({ sessionId }) => ({ roomId, sessionId })) })).toEqual({
    ended: [{ roomId, sessionId: viewer.sessionId, reason: 'not-allowed' }],
  });
  await sfu.endAll({ roomId, direction: 'watch', reason: 'left' });
  await eventually(() => sfu.edges()[0]!.rooms === 0, { deadlineMs });
  await eventually(async () => (await routersOf(east.sfu)) === 0, { deadlineMs });
  expect(home.sfu.running()!.rooms.find(roomId)!.publishing().size).toBe(1);
});

test('a mute reaches viewers at an edge, and so does a publisher who leaves and comes back', async () => {
  const edge = await edgeOf(east.sfu);
  const { sfu } = await together([edge.url]);
  const host = await onAir(sfu);
  const viewer = await watch(sfu);
  await seesMore(viewer);
  const atEdge = () =>
    Object.fromEntries(
      east.sfu
        .running()!
        .rooms.find(roomId)!
        .published()
        .map(({ kind, producer }) => [kind, producer]),
    );

  await sfu.mute({ roomId, ownerId: host.ownerId, muted: { kinds: ['video'], version: 1 } });
  await eventually(() => atEdge()['video']!.paused, { deadlineMs });
  const hearsMore = (sounds = viewer.packets.audio) =>
    eventually(() => viewer.packets.audio > sounds + 20, { deadlineMs });
  await hearsMore(); // What was on the way has come.
  const pictures = viewer.packets.video;
  await hearsMore();
  expect(viewer.packets.video).toBe(pictures);
  await sfu.mute({ roomId, ownerId: host.ownerId, muted: { kinds: [], version: 2 } });
  await seesMore(viewer);

  await sfu.end({ roomId, sessionId: host.sessionId, reason: 'lost' });
  await eventually(() => Object.keys(atEdge()).length === 0, { deadlineMs });
  const again = keep(await comeToPublish(sfu, roomId, host.ownerId));
  await again.produce('audio');
  await again.produce('video');
  await seesMore(viewer);
  expect(sfu.edges()).toMatchObject([{ sessions: 1, rooms: 1 }]);
});

test(
  'viewers of an edge that stands still, or is killed, are moved in time, and it holds nothing when it goes on',
  { timeout: 40_000 },
  async () => {
    const edge = keep(await startEdgeProcess());
    const { sfu, events } = await together([edge.url], { leftOutMs: 0 });
    await onAir(sfu);
    const viewer = await watch(sfu);
    await seesMore(viewer);
    expect(await edge.routers()).toBe(1);

    await moveInTime(sfu, events, [viewer], edge.freeze);
    expect(sfu.edges()).toMatchObject([{ isUp: false, sessions: 0, rooms: 0 }]);
    edge.thaw();
    await eventually(async () => (await edge.routers()) === 0, { deadlineMs });
    await eventually(() => sfu.edges()[0]!.isUp, { deadlineMs });

    const another = await watch(sfu);
    await seesMore(another);
    expect(sfu.edges()).toMatchObject([{ sessions: 1, rooms: 1 }]);
    await moveInTime(sfu, events, [another], edge.close);
    expect(sfu.edges()).toMatchObject([{ isUp: false, sessions: 0, rooms: 0 }]);
  },
);

test('viewers at whose edge nothing arrives any more are moved in time, and silence of the publisher moves nobody', async () => {
  const pipes: Transport[] = [];
  const [own] = home.sfu.running()!.workers.running();
  own!.worker.observer.once('newrouter', ({ observer }) =>
    observer.on('newtransport', (transport) => transport.type === 'pipe' && pipes.push(transport)),
  );
  const [line, sound] = [keep(await cuttablePipe((await edgeOf(east.sfu)).url)), await edgeOf(west.sfu)];
  const { sfu, events } = await together([line.url]);
  const host = await onAir(sfu);
  const viewers = await Promise.all(Array.from({ length: 12 }, () => watch(sfu)));
  await Promise.all(viewers.map((viewer) => seesMore(viewer)));

  await moveInTime(sfu, events, viewers, line.cut);
  // This room is not tried there again at once; others are.
  expect(sfu.edges()).toMatchObject([{ isUp: true, sessions: 0, rooms: 0 }]);
  await eventually(async () => (await routersOf(east.sfu)) === 0, { deadlineMs });

  const beside = await together([sound.url]);
  const patient = await watch(beside.sfu);
  await seesMore(patient);
  host.fallSilent();
  await eventually(() => beside.events.some(({ type }) => type === 'silent'), { deadlineMs });
  host.sendOn();
  await seesMore(patient);
  expect(endOf(beside.events, patient)).toBeUndefined();

  // A pipe that closes alone, without a packet or a host that were lost.
  pipes.at(-1)!.close();
  await eventually(() => endOf(beside.events, patient) === 'worker-died', { deadlineMs });
});

test('an edge whose worker dies loses the rooms of that worker, and has them again', async () => {
  const { sfu, events } = await together([(await edgeOf(west.sfu)).url]);
  await onAir(sfu);
  const viewer = await watch(sfu);
  await seesMore(viewer);
  const [worker] = west.sfu.running()!.workers.running();

  process.kill(worker!.worker.pid, 'SIGKILL');

  await eventually(() => endOf(events, viewer) === 'worker-died', { deadlineMs });
  await eventually(() => west.sfu.running()!.workers.running().length === 1, { deadlineMs });
  await eventually(async () => (await watch(sfu)).sessionId && sfu.edges()[0]!.sessions === 1, { deadlineMs });
  expect(sfu.edges()).toMatchObject([{ isUp: true }]);
});

test('viewers at an edge whose worker stands still are moved before anybody takes that worker for dead', async () => {
  const { sfu, events } = await together([(await edgeOf(west.sfu)).url]);
  await onAir(sfu);
  const viewers = await Promise.all([watch(sfu), watch(sfu)]);
  await Promise.all(viewers.map((viewer) => seesMore(viewer)));
  const { pid } = west.sfu.running()!.workers.running()[0]!.worker;

  process.kill(pid, 'SIGSTOP');
  keep({ close: () => process.kill(pid, 'SIGCONT') });

  const areMoved = (): boolean => viewers.every((viewer) => endOf(events, viewer) === 'worker-died');
  await eventually(areMoved, { deadlineMs: beforeTakenForDeadMs });
});

test('an edge ends by itself what it holds for a home that is silent, and the next home has the room at once', async () => {
  let aheadMs = 0;
  const edge = await edgeOf(east.sfu, { nowMs: () => nowMs() + aheadMs });
  const first = await together([edge.url]);
  await onAir(first.sfu);
  const viewer = await watch(first.sfu);
  await seesMore(viewer);
  const second = await together([edge.url], { leftOutMs: 0 });

  const next = await watch(second.sfu);
  await seesMore(next);
  await eventually(() => endOf(first.events, viewer) === 'worker-died', { deadlineMs });
  expect(second.sfu.edges()).toMatchObject([{ sessions: 1, rooms: 1 }]);

  // One that only stood still hears that it is over, and begins anew.
  const passes = () => (aheadMs += linkSilentMs + 1);
  await eventually(() => passes() && endOf(second.events, next) === 'worker-died', { deadlineMs });
  await eventually(() => second.sfu.edges()[0]!.isUp, { deadlineMs });
  const last = await watch(second.sfu);
  await seesMore(last);
  expect(second.sfu.edges()).toMatchObject([{ sessions: 1, rooms: 1 }]);

  first.sfu.close();
  second.sfu.close();
  passes();
  await eventually(async () => (await routersOf(east.sfu)) === 0, { deadlineMs });
});

test('what comes late, of a link or a relay that is over, begins nothing', async () => {
  const links = keep(createLinks({ sfu: east.sfu, load: idle, listenInfo, nowMs, log: silent }));
  const beat = (linkId: string, relays: number[], over: string | null = null) =>
    links.verbs.beat({ linkId, beat: 1, over, seen: 0, relays, lastRelay: 2 });
  const relay = (linkId: string, number: number) =>
    links.verbs.relay({ linkId, relay: number, roomId, room: { pipe: null, streams: [] } });
  const isThere = () => east.sfu.running()!.rooms.find(roomId) !== undefined;
  await expect(relay('first', 1)).rejects.toMatchObject({ code: 'RETRY' });
  expect(await beat('first', [2])).toMatchObject({ link: 'new' });
  await expect(relay('first', 1)).rejects.toMatchObject({ code: 'RETRY' });
  await relay('first', 2);
  expect(links.sfuOf('first.2', roomId)).toBe(east.sfu);
  expect(() => links.sfuOf('first.1', roomId)).toThrow();

  expect(await beat('first', [])).toMatchObject({ link: 'known' });
  expect(isThere()).toBe(false);
  await expect(relay('first', 2)).rejects.toMatchObject({ code: 'RETRY' });

  await relay('first', 3);
  await beat('second', [], 'first');
  expect(isThere()).toBe(false);
  expect(await beat('first', [3])).toMatchObject({ link: 'over' });
  await expect(relay('first', 3)).rejects.toMatchObject({ code: 'RETRY' });
});

test('two media servers that have each other carry viewers go in no circle', async () => {
  const urls = { east: '', west: '' };
  const [atEast, atWest] = await Promise.all([edgeOf(east.sfu), edgeOf(west.sfu)]);
  Object.assign(urls, { east: atEast.url, west: atWest.url });
  const one = await together([urls.west], { own: east });
  const other = await together([urls.east], { own: west });
  const host = keep(await comeToPublish(one.sfu, roomId));
  await host.produce('audio');
  await host.produce('video');
  const viewer = await watch(one.sfu);
  await seesMore(viewer);
  expect(west.sfu.running()!.rooms.find(roomId)!.isRelayed()).toBe(true);

  // Who asks the other one gets what is there, and nothing goes back to where it came from.
  await seesMore(await watch(other.sfu));
  await expect(
    other.sfu.open({ roomId, sessionId: newId(), ownerId: newId(), direction: 'publish' }),
  ).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(east.sfu.running()!.rooms.find(roomId)!.isRelayed()).toBe(false);
  await seesMore(viewer);
  expect(viewer.media.sources()).toBe(2);
  expect((await other.sfu.rooms({})).rooms).toEqual([]);
  await one.sfu.endAll({ roomId, reason: 'left' });

  // Who only waits there keeps nobody out who publishes.
  const where = { roomId, sessionId: newId() };
  await one.sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
  expect(west.sfu.running()!.rooms.find(roomId)!.isRelayed()).toBe(true);
  keep(await comeToPublish(other.sfu, roomId));
  await eventually(() => endOf(one.events, where) === 'worker-died', { deadlineMs });
  await other.sfu.endAll({ roomId, reason: 'left' });
});

test('a media server that is named among its own edges is none of them, and says so', async () => {
  let sfu: SfuWithEdges | null = null;
  const edge = await edgeOf(east.sfu, { isOwn: (linkId: string) => sfu?.hasLink(linkId) ?? false });
  const warnings: unknown[] = [];
  sfu = withEdges({
    home: { ...east.sfu, close: () => undefined },
    addresses: [{ url: edge.url, token }],
    listenInfo,
    log: { ...silent, warn: (what: unknown) => warnings.push(what) },
    nowMs,
    homeLoad: () => 1,
  });
  keep(sfu);
  await eventually(() => warnings.length > 0, { deadlineMs });
  expect(warnings).toMatchObject([{ edge: edge.url, reason: expect.stringContaining('names itself') as string }]);
  expect(sfu.edges()).toMatchObject([{ isUp: false }]);
  await sfu.open({ roomId, sessionId: newId(), ownerId: newId(), direction: 'watch' });
  expect(east.sfu.running()!.rooms.find(roomId)!.isRelayed()).toBe(false);
  await sfu.endAll({ roomId, reason: 'left' });
});

test('who comes when home and all edges have more than they carry hears that media is full, and publishers do not', async () => {
  const loads = { home: 1.2, edge: 1.2 };
  let refusal: AppError | null = null;
  const refusing: TestSfu['sfu'] = {
    ...east.sfu,
    open: async (input) => {
      if (refusal) throw refusal;
      return east.sfu.open(input);
    },
  };
  const edge = await edgeOf(refusing, { load: { now: () => loads.edge, perViewer: () => 0 } });
  let isHomeFull = true;
  const openAtHome: TestSfu['sfu']['open'] = async (input) => {
    if (isHomeFull && input.direction === 'watch') throw noPlace('No room.');
    return home.sfu.open(input);
  };
  const own = { ...home, sfu: { ...home.sfu, open: openAtHome } };
  const { sfu } = await together([edge.url], { own, homeLoad: () => loads.home });
  const open = (direction: 'watch' | 'publish') =>
    sfu.open({ roomId, sessionId: newId(), ownerId: newId(), direction });
  const sessions = () => home.sfu.running()!.rooms.find(roomId)?.sessions().size ?? 0;

  await expect(open('watch')).rejects.toMatchObject({ code: 'RATE_LIMITED', extras: { reason: 'media-full' } });
  await open('publish');
  expect(sessions()).toBe(1);

  // The handshakes of a rush: home is far too busy, and still has room.
  isHomeFull = false;
  loads.home = 1.4;
  await open('watch');
  expect(sessions()).toBe(2);

  // Where there is least, as long as it is not far too much.
  loads.home = 1.1;
  await open('watch');
  expect(sessions()).toBe(3);
  isHomeFull = true;
  Object.assign(loads, { home: 1.3, edge: 1.1 });
  await eventually(() => open('watch'), { deadlineMs });
  expect(sfu.edges()).toMatchObject([{ sessions: 1 }]);
  const before = sessions();

  // What an edge has too much of another host may take, and nobody's own too much.
  refusal = new AppError('RATE_LIMITED');
  await expect(open('watch')).rejects.toMatchObject({ code: 'RATE_LIMITED', extras: { reason: 'media-full' } });
  isHomeFull = false;
  await open('watch');
  expect(sessions()).toBe(before + 1);
  refusal = new AppError('RATE_LIMITED', 'mine', { reason: 'too-many' });
  await expect(open('watch')).rejects.toMatchObject({ extras: { reason: 'too-many' } });
});

test('an edge from which nothing comes back, or from a port that home was not told of, is given up, and no other one', async () => {
  const behindNat = keep(await cuttablePipe((await edgeOf(west.sfu)).url));
  const line = keep(await cuttablePipe((await edgeOf(east.sfu)).url));
  behindNat.hideBehindNat();
  const [good, bad] = [
    await together([line.url], { unansweredMax: 5 }),
    await together([behindNat.url], { unansweredMax: 5 }),
  ];
  await onAir(good.sfu);
  const [viewer, newcomer] = [await watch(good.sfu), await watch(bad.sfu)];
  await seesMore(viewer);

  await eventually(() => endOf(bad.events, newcomer) === 'worker-died', { deadlineMs });
  expect(endOf(good.events, viewer)).toBeUndefined();
  line.cutBack();
  await eventually(() => endOf(good.events, viewer) === 'worker-died', { deadlineMs });
});

test('a ban reaches viewers at an edge at once, whatever else home waits for there', async () => {
  const line = keep(await cuttablePipe((await edgeOf(east.sfu)).url));
  const { sfu, events } = await together([line.url]);
  const host = keep(await comeToPublish(sfu, roomId));
  await host.produce('audio');
  const viewer = keep(await comeToWatch(sfu, roomId));
  line.holdRelays();
  await host.produce('video');

  const { ownerId } = viewer;
  expect(await sfu.endAll({ roomId, ownerId, direction: 'watch', reason: 'not-allowed' })).toEqual({ ended: 1 });
  await eventually(() => endOf(events, viewer) === 'not-allowed');
});

test(
  'a layered picture, a beginning in the middle of it and another network of a viewer work at an edge',
  { timeout: 30_000 },
  async () => {
    const { sfu } = await together([(await edgeOf(east.sfu)).url]);
    keep(await publishLayered(sfu, roomId));
    await expectAllOverWay(sfu, roomId, keep);
    expect(sfu.edges()).toMatchObject([{ sessions: 2, rooms: 1 }]);
  },
);
