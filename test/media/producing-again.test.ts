import { afterEach, beforeEach, expect, test } from 'vitest';
import { rtpParametersOf } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { newId } from '../../shared/ids.ts';
import { mediaLimits, PublishedRtpParameters } from '../../shared/protocol/media.ts';
import { comeToPublish } from './support/raw-clients.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';

// An answer may be lost on its way, and a client ask again for what was done.

const roomId = newId();
let started: TestSfu;
let host: Awaited<ReturnType<typeof comeToPublish>>;

beforeEach(async () => {
  started = await startSfu();
  host = await comeToPublish(started.sfu, roomId);
});
afterEach(() => {
  host.close();
  started.close();
});

const streams = () => started.sfu.running()!.rooms.find(roomId)!.published();
const produce = (ssrc: number, source?: string) => {
  const rtpParameters = { ...rtpParametersOf.video, encodings: [{ ssrc }] };
  const { sessionId } = host;
  return started.sfu.produce({ roomId, sessionId, kind: 'video', rtpParameters, source });
};
const goneSoFar = () => started.events.flatMap((event) => (event.type === 'streams' ? event.gone : []));

test('a stream whose answer was lost is one stream however often it is asked for, also while it is being made', async () => {
  const [first, second] = await Promise.all([produce(1, 'camera'), produce(1, 'camera')]);
  const third = await produce(1, 'camera');

  expect([second, third]).toEqual([first, first]);
  expect(streams().map(({ producer }) => producer.id)).toEqual([first.producerId]);
  expect(goneSoFar()).toEqual([]);
});

test('a client that gave a stream up without having heard of it sends another one in its place', async () => {
  const [given, taken] = await Promise.all([produce(1, 'camera'), produce(2, 'camera')]);

  expect(streams().map(({ producer }) => producer.id)).toEqual([taken.producerId]);
  expect(goneSoFar()).toEqual([given.producerId]);
  // And the place of the one before is free: changes of a camera use none up.
  for (let changes = 1; changes <= mediaLimits.producersPerSessionMax; changes += 1)
    await produce(2 + changes, 'camera');
  expect(streams()).toHaveLength(1);
});

test('streams of different sources are different streams, and so are those of none, up to the bound', async () => {
  await produce(1, 'camera');
  await produce(2, 'screen');
  await produce(3);

  await expect(produce(4)).rejects.toMatchObject({ code: 'CONFLICT', extras: { reason: 'too-many' } });
  await expect(produce(4, 'another')).rejects.toMatchObject({ code: 'CONFLICT', extras: { reason: 'too-many' } });
  await produce(5, 'camera');
  expect(streams()).toHaveLength(3);
});

test('what no viewer could take is refused: sound in a codec of pictures, and texts that would be lines of their own in an SDP', async () => {
  const { sessionId } = host;
  const sound = { roomId, sessionId, kind: 'audio', rtpParameters: rtpParametersOf.video } as const;
  await expect(started.sfu.produce(sound)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(streams()).toEqual([]);

  const withCname = (cname: string) => ({ ...rtpParametersOf.video, rtcp: { cname } });
  const withSsrc = (ssrc: number) => ({ ...rtpParametersOf.video, encodings: [{ ssrc }] });
  expect(PublishedRtpParameters.safeParse(withCname('x'.repeat(255))).success).toBe(true);
  for (const wrong of [withCname('x\r\nm=video 9 RTP/AVP 96'), withCname('é'.repeat(128)), withSsrc(1e12)])
    expect(PublishedRtpParameters.safeParse(wrong).success).toBe(false);
});
