import { afterAll, beforeAll, expect, test } from 'vitest';
import { mediaProcessLimits } from '../../media/limits.ts';
import { rushTurnMs } from '../../media/room/starts.ts';
import { newId } from '../../shared/ids.ts';
import type { RawPeer } from '../../load-tests/harness/webrtc/raw-peer.ts';
import { publishShow, type RawPublisher } from '../../load-tests/harness/webrtc/raw-sessions.ts';
import { offerTo, payloadType, remoteIn } from '../../load-tests/scenarios/media/raw-sdp.ts';
import { payloadTypes } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { eventually } from '../support/eventually.ts';
import { comeAsPage } from './support/raw-clients.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';

/** Each takes every packet of the show in this process: two hundred would keep it busy with nothing else. */
const viewersOfRush = 60;
const roomId = newId();

let started: TestSfu;
let show: RawPublisher;
const peers: RawPeer[] = [];

beforeAll(async () => {
  started = await startSfu();
  const { sdp, ice } = offerTo('sendonly');
  const request = { roomId, sessionId: newId(), ownerId: newId(), keyId: 'a key', offer: sdp };
  show = await publishShow(remoteIn((await started.sfu.publish(request)).answer), ice, payloadTypes);
  show.start();
}, 20_000);
const closePeers = (): void => {
  for (const peer of peers.splice(0)) peer.close();
};
afterAll(() => {
  closePeers();
  show.close();
  started.close();
});

/** Key frames that may be asked for while `askedForMs` passed: one at once, one held back for the next turn, and one for each turn between. */
const keyFramesIn = (askedForMs: number): number =>
  2 + Math.floor(Math.max(0, askedForMs) / mediaProcessLimits.keyFrameRequestEveryMs);

test('a rush of viewers shares two key frames, and everybody gets the picture', { timeout: 40_000 }, async () => {
  const ready: Awaited<ReturnType<typeof readyViewer>>[] = [];
  while (ready.length < viewersOfRush) ready.push(...(await Promise.all(Array.from({ length: 20 }, readyViewer))));
  const before = show.keyFrameRequests();

  const startedMs = performance.now();
  await Promise.all(ready.map(({ resume }) => resume()));
  await eventually(() => ready.every(({ pictures }) => pictures() > 0), { deadlineMs: 10_000 });
  const tookMs = performance.now() - startedMs;

  expect(show.keyFrameRequests() - before).toBeGreaterThanOrEqual(1);
  expect(show.keyFrameRequests() - before).toBeLessThanOrEqual(keyFramesIn(tookMs - rushTurnMs));
});

test('key-frame requests of two hundred at once are one or two at the publisher', { timeout: 20_000 }, async () => {
  const sessions = [...started.sfu.running()!.rooms.find(roomId)!.sessions().values()];
  const pictures = sessions.flatMap(({ consumers }) => [...consumers.values()].filter(({ kind }) => kind === 'video'));
  expect(pictures.length).toBeGreaterThanOrEqual(viewersOfRush);
  const before = show.keyFrameRequests();

  const startedMs = performance.now();
  for (let asked = 0; asked < 200; asked += pictures.length) {
    await Promise.all(pictures.map((picture) => picture.requestKeyFrame()));
  }
  const askedForMs = performance.now() - startedMs;
  // The worker holds back what comes too soon and sends it on when that time is over.
  const turnsMs = 2.5 * mediaProcessLimits.keyFrameRequestEveryMs;
  await new Promise((resolve) => setTimeout(resolve, turnsMs));

  expect(show.keyFrameRequests() - before).toBeGreaterThanOrEqual(1);
  expect(show.keyFrameRequests() - before).toBeLessThanOrEqual(keyFramesIn(askedForMs));
});

test('who comes 50 ms behind somebody else waits for the next turn, and no longer', { timeout: 20_000 }, async () => {
  // A turn of 400 ms, and less than a second one; a machine that is busy may hold up any of them.
  await eventually(async () => (await msToBothPictures()) < 800, { deadlineMs: 15_000 });
});

async function msToBothPictures(): Promise<number> {
  closePeers();
  const [first, second] = [await readyViewer(), await readyViewer()];
  const startedMs = performance.now();
  await first.resume();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await second.resume();
  await eventually(() => first.pictures() > 0 && second.pictures() > 0, { deadlineMs: 5_000 });
  return performance.now() - startedMs;
}

/** Somebody whose connection stands, and whose streams wait for their word. */
async function readyViewer() {
  const { peer, resume } = await comeAsPage(started.sfu, roomId);
  peers.push(peer);
  let pictures = 0;
  peer.onPacket((packet) => (pictures += Number((packet[1]! & 0x7f) === payloadType.video)));
  return { pictures: () => pictures, resume };
}
