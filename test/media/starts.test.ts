import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import { fingerprint, newIce, type RawPeer, type Remote } from '../../load-tests/harness/webrtc/raw-peer.ts';
import { publishShow, watchRaw, type RawPublisher } from '../../load-tests/harness/webrtc/raw-sessions.ts';
import { offerTo, payloadType, remoteIn } from '../../load-tests/scenarios/media/raw-sdp.ts';
import { payloadTypes, rtpCapabilities } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { eventually } from '../support/eventually.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';

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
afterAll(() => {
  for (const peer of peers) peer.close();
  show.close();
  started.close();
});

test('a rush of viewers shares two key frames, and everybody gets the picture', { timeout: 40_000 }, async () => {
  const ready: Awaited<ReturnType<typeof readyViewer>>[] = [];
  while (ready.length < viewersOfRush) ready.push(await readyViewer());
  const before = show.keyFrameRequests();

  await Promise.all(ready.map(({ resume }) => resume()));
  await eventually(() => ready.every(({ pictures }) => pictures() > 0), { deadlineMs: 10_000 });

  expect(show.keyFrameRequests() - before).toBeGreaterThanOrEqual(1);
  expect(show.keyFrameRequests() - before).toBeLessThanOrEqual(2);
});

/** Somebody whose connection stands, and whose streams wait for their word. */
async function readyViewer() {
  const where = { roomId, sessionId: newId() };
  const { sfu } = started;
  const transport = await sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
  await sfu.connect({
    ...where,
    dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] },
  });
  const peer = await watchRaw(remoteOf(transport), newIce());
  peers.push(peer);
  let pictures = 0;
  peer.onPacket((packet) => (pictures += Number((packet[1]! & 0x7f) === payloadType.video)));
  const { consumers } = await sfu.consume({ ...where, rtpCapabilities: rtpCapabilities as never });
  const consumerIds = consumers.map(({ consumerId }) => consumerId);
  return { pictures: () => pictures, resume: () => sfu.resume({ ...where, consumerIds }) };
}

function remoteOf({ iceParameters, iceCandidates }: Awaited<ReturnType<TestSfu['sfu']['open']>>): Remote {
  const { address, port } = iceCandidates.find(({ protocol }) => protocol === 'udp') as {
    address: string;
    port: number;
  };
  return { address, port, ufrag: iceParameters.usernameFragment, password: iceParameters.password };
}
