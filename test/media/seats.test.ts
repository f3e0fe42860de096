import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import type { SessionEnd } from '../../shared/protocol/media.ts';
import { eventually } from '../support/eventually.ts';
import { comeToPublish, comeToWatch } from './support/raw-clients.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';

const deadlineMs = 10_000;
const roomId = newId();
let started: TestSfu;
const clients: { close(): void }[] = [];

beforeAll(async () => {
  started = await startSfu();
}, 20_000);
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await started.sfu.endAll({ roomId, reason: 'left' });
});
afterAll(() => started.close());

const kept = <C extends { close(): void }>(client: C): C => {
  clients.push(client);
  return client;
};
const publisher = async (ownerId?: string) => kept(await comeToPublish(started.sfu, roomId, ownerId));
const player = async (change?: (offer: string) => string) => kept(await comeToWatch(started.sfu, roomId, change));
/** Producers that come to a player, by the section they come in. */
const seated = ({ sessionId }: { sessionId: string }): Record<string, string> => {
  const session = started.sfu.running()!.rooms.find(roomId)!.sessions().get(sessionId)!;
  return Object.fromEntries([...session.consumers].map(([id, { rtpParameters }]) => [rtpParameters.mid, id]));
};
/** Why a session has ended, each time that was told. */
const endsOf = ({ sessionId }: { sessionId: string }): SessionEnd[] =>
  started.events.flatMap((event) => (event.type === 'closed' && event.sessionId === sessionId ? [event.reason] : []));

const h264First = (offer: string): string =>
  offer
    .replace('SAVPF 96', 'SAVPF 125 96')
    .replace(
      'a=rtpmap:96 ',
      'a=rtpmap:125 H264/90000\r\na=fmtp:125 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:96 ',
    );

test.each([
  ['with the codec that comes', (offer: string) => offer],
  ['that would like another codec better, in a number of its own', h264First],
])('a player %s, who came for sound, gets the picture that begins later', async (_, change) => {
  const host = await publisher();
  await host.produce('audio');
  const viewer = await player(change);
  await eventually(() => viewer.packets.audio > 0, { deadlineMs });

  await host.produce('video');

  await eventually(() => viewer.packets.video > 0, { deadlineMs });
});

test('a player without RTX is never told that it may have the same packet again, and the worker remembers what it sent', async () => {
  const host = await publisher();
  const picture = await host.produce('video');
  const viewer = await player();
  await eventually(() => seated(viewer)['1'] === picture, { deadlineMs });

  expect(viewer.answer).toMatch(/^a=rtcp-fb:96 nack pli\r?$/m);
  expect(viewer.answer).not.toMatch(/^a=rtcp-fb:\S+ nack\r?$/m);
  const { consumers } = started.sfu.running()!.rooms.find(roomId)!.sessions().get(viewer.sessionId)!;
  const [codec] = consumers.get(picture)!.rtpParameters.codecs;
  expect(codec!.rtcpFeedback).toContainEqual({ type: 'nack', parameter: '' });
});

test('camera and screen of one publisher come in two sections that name their SSRCs, as long as they are the same', async () => {
  const host = await publisher();
  const [camera, screen] = [await host.produce('video'), await host.produce('video', 4_711)];
  const viewer = await player((offer) => withSecondPicture(withRtx(offer)));

  await eventually(() => Object.keys(seated(viewer)).length === 2, { deadlineMs });

  expect(seated(viewer)).toEqual({ 1: camera, 2: screen });
  const { consumers } = started.sfu.running()!.rooms.find(roomId)!.sessions().get(viewer.sessionId)!;
  const named = [camera, screen].map((id) => consumers.get(id)!.rtpParameters.encodings![0]!);
  const groups = [...viewer.answer.matchAll(/^a=ssrc-group:FID (\d+) (\d+)\r$/gm)].map(([, ssrc, rtx]) => [ssrc, rtx]);
  expect(groups).toEqual(named.map(({ ssrc, rtx }) => [String(ssrc), String(rtx!.ssrc)]));

  const again = await publisher(host.ownerId);
  await again.produce('video');
  await eventually(() => endsOf(viewer).length > 0, { deadlineMs });
  expect(endsOf(viewer)).toEqual(['codec-changed']);
});

test('a co-host is seen while the host is away, and the host when they are back', async () => {
  const host = await publisher();
  const hostPicture = await host.produce('video');
  const coHost = await publisher();
  const coHostPicture = await coHost.produce('video');
  const viewer = await player();
  await eventually(() => seated(viewer)['1'] === hostPicture, { deadlineMs });

  await started.sfu.end({ roomId, sessionId: host.sessionId, reason: 'left' });
  await eventually(() => seated(viewer)['1'] === coHostPicture, { deadlineMs });
  const before = viewer.packets.video;
  await eventually(() => viewer.packets.video > before + 5, { deadlineMs });

  const again = await publisher(host.ownerId);
  const newPicture = await again.produce('video');
  await eventually(() => seated(viewer)['1'] === newPicture, { deadlineMs });
  expect(Object.keys(seated(viewer))).toEqual(['1']);
});

/** As Chromium has it. */
const withRtx = (offer: string): string =>
  offer
    .replace('SAVPF 96', 'SAVPF 96 97 45')
    .replace(
      'a=rtpmap:96 ',
      'a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:45 AV1/90000\r\na=fmtp:45 level-idx=5\r\n$&',
    );

function withSecondPicture(offer: string): string {
  const [head, sound, picture] = offer.split(/(?=^m=)/m) as [string, string, string];
  return [head.replace(/BUNDLE.*/, 'BUNDLE 0 1 2'), sound, picture, picture.replace('a=mid:1', 'a=mid:2')].join('');
}

test('a player that can not be served is told so by the end of its session, instead of staying black', async () => {
  const host = await publisher();
  await host.produce('audio');
  const viewer = await player();
  const { sessionId } = viewer;
  const session = started.sfu.running()!.rooms.find(roomId)!.sessions().get(sessionId)!;
  // What a worker may do to anybody.
  session.transport.consume = () => Promise.reject(new Error('no memory'));

  await host.produce('video');

  await eventually(() => endsOf(viewer).length > 0, { deadlineMs });
  expect(endsOf(viewer)).toEqual(['refused']);
});
