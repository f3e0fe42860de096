import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import { publishShow, watchRaw, type RawPublisher } from '../../load-tests/harness/webrtc/raw-sessions.ts';
import { bindingRequestOf, isBindingSuccess, isStun } from '../../load-tests/harness/webrtc/stun.ts';
import type { Remote } from '../../load-tests/harness/webrtc/raw-peer.ts';
import { offerTo, remoteIn } from '../../load-tests/scenarios/media/raw-sdp.ts';
import { payloadTypes, rtpCapabilities } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { eventually } from '../support/eventually.ts';
import { offerOf, renumbered } from './support/offers.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';

const roomId = newId();
let started: TestSfu;
const shows: RawPublisher[] = [];
const room = () => started.sfu.running()!.rooms.find(roomId)!;

beforeAll(async () => {
  started = await startSfu();
  await publish();
  await publish();
  await eventually(() => room().published().length === 4, { deadlineMs: 10_000 });
}, 20_000);
afterAll(() => {
  for (const show of shows) show.close();
  started.close();
});

async function publish(): Promise<void> {
  const { sdp, ice } = offerTo('sendonly');
  const request = { roomId, sessionId: newId(), ownerId: newId(), keyId: 'a key', offer: sdp };
  shows.push(await publishShow(remoteIn((await started.sfu.publish(request)).answer), ice, payloadTypes));
}

/** An offer of raw-sdp.ts in other payload types, with these names for its sections: sound and picture in turn. */
function offerWith(direction: 'sendonly' | 'recvonly', mids: string[]): string {
  const { sdp } = offerTo(direction);
  const [head, sound, picture] = renumbered(renumbered(sdp, 111, 109), 96, 120).split(/(?=^m=)/m) as [
    string,
    string,
    string,
  ];
  const sections = mids.map((mid, index) => [sound, picture][index % 2]!.replace(/a=mid:.*/, `a=mid:${mid}`));
  return [head.replace(/BUNDLE.*/, `BUNDLE ${mids.join(' ')}`), ...sections].join('');
}

test('asking again for what a lost answer told gives the same streams, until they flow', async () => {
  const { sfu } = started;
  const where = { roomId, sessionId: newId() };
  await sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
  const ask = async () => {
    const { consumers } = await sfu.consume({ ...where, rtpCapabilities: rtpCapabilities as never });
    return consumers.map(({ consumerId }) => consumerId).sort();
  };

  const [first, meanwhile] = await Promise.all([ask(), ask()]);
  expect(first).toHaveLength(4);
  expect(meanwhile).toEqual(first);
  expect(await ask()).toEqual(first);

  await sfu.resume({ ...where, consumerIds: first.slice(1) });
  expect(await ask()).toEqual(first.slice(0, 1));
});

test('a page is told what it has no decoder for, and gets the rest', async () => {
  const { sfu } = started;
  const where = { roomId, sessionId: newId() };
  await sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
  const codecs = rtpCapabilities.codecs!.filter(({ kind }) => kind === 'audio');

  const { consumers, unplayable } = await sfu.consume({ ...where, rtpCapabilities: { codecs } as never });

  expect(consumers.map(({ kind }) => kind)).toEqual(['audio', 'audio']);
  const publishers = room().publishers();
  expect(unplayable).toEqual(
    publishers.map(({ personId }) => ({ publisherId: personId, kind: 'video', mimeType: 'video/VP8' })),
  );
});

test('a player with numbers of its own sees both publishers, each in the section it was seated in', async () => {
  const { sfu } = started;
  const sessionId = newId();
  const mids = ['voice', 'face', 'other-voice', 'other-face'];

  await sfu.play({ roomId, sessionId, ownerId: newId(), offer: offerWith('recvonly', mids) });

  const { consumers } = room().sessions().get(sessionId)!;
  await eventually(() => consumers.size === 4, { deadlineMs: 5_000 });
  const seated = [...consumers.values()].map(({ rtpParameters: { mid, codecs } }) => [mid, codecs[0]!.payloadType]);
  expect(seated).toEqual([
    ['voice', 109],
    ['face', 120],
    ['other-voice', 109],
    ['other-face', 120],
  ]);
});

test.each([
  ['chromium-156-watch', 111, 96, [96, 98, 102, 108, 116]],
  ['firefox-153-watch', 109, 120, []],
  ['gstreamer-watch', 96, 97, []],
  ['safari-publish', 111, 100, []], // It would receive as well.
])(
  '%s is answered in its own numbers, and nobody waits for feedback that was not asked for',
  async (name, sound, picture, sentAgain) => {
    const where = { roomId, sessionId: newId() };

    const { answer } = await started.sfu.play({ ...where, ownerId: newId(), offer: offerOf(name) });

    expect(answer).toMatch(new RegExp(`^m=audio 7 UDP/TLS/RTP/SAVPF ${sound}\\b`, 'm'));
    expect(answer).toMatch(new RegExp(`^m=video 7 UDP/TLS/RTP/SAVPF ${picture}\\b`, 'm'));
    // What is lost of speech is made up for from the packets behind it.
    expect(answer).toMatch(new RegExp(`^a=fmtp:${sound} .*\\buseinbandfec=1\\b`, 'm'));
    expect(answer).not.toMatch(/transport-cc|goog-remb|transport-wide-cc|abs-send-time/);
    // Whoever may ask for a packet again gets it as RTX, under the number it gave that.
    const asks = [...answer.matchAll(/^a=rtcp-fb:(\d+) nack\r$/gm)].map(([, codec]) => Number(codec));
    expect(asks.toSorted((one, other) => one - other)).toEqual(sentAgain);
    const offer = offerOf(name);
    for (const codec of sentAgain) {
      const [line] = new RegExp(`^a=fmtp:\\d+ apt=${codec}\r$`, 'm').exec(answer)!;
      expect(offer).toContain(line);
    }
    const { consumers } = room().sessions().get(where.sessionId)!;
    await eventually(() => consumers.size === 2, { deadlineMs: 5_000 });
    // The worker estimates bandwidth for whoever has one of these, and the loss ladder is for whom it does not.
    const [sent] = [...consumers.values()].filter(({ kind }) => kind === 'video');
    const rtx = sent!.rtpParameters.codecs.find(({ mimeType }) => /rtx/.test(mimeType));
    const answered = new RegExp(`^a=fmtp:(\\d+) apt=${picture}\r$`, 'm').exec(answer)?.[1];
    expect(String(rtx?.payloadType)).toBe(String(answered));
    const extensions = [...consumers.values()].flatMap(({ rtpParameters }) => rtpParameters.headerExtensions ?? []);
    expect(extensions.filter(({ uri }) => /transport-wide-cc|abs-send-time/.test(uri))).toEqual([]);
  },
);

test('a page that leaves out what it sends itself gets the others, and owes nothing for what it left out', async () => {
  const { sfu } = started;
  const consume = async (without: string[]) => {
    const where = { roomId, sessionId: newId() };
    await sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
    const before = sfu.running()!.rooms.halfOpen();
    const { consumers } = await sfu.consume({ ...where, rtpCapabilities: rtpCapabilities as never, without });
    const owing = sfu.running()!.rooms.halfOpen() - before;
    await sfu.end({ ...where, reason: 'left' });
    return { publishers: consumers.map(({ publisherId }) => publisherId), owing };
  };
  const [one, other] = room()
    .publishers()
    .map(({ personId }) => personId) as [string, string];

  expect(await consume([one])).toEqual({ publishers: [other, other], owing: 1 });
  expect(await consume([one, other])).toEqual({ publishers: [], owing: 0 });
});

test('an offer of more streams than are taken is refused as a whole', async () => {
  const request = { roomId, sessionId: newId(), ownerId: newId(), keyId: 'a key' };
  const offer = offerWith('sendonly', ['0', '1', '2', '3']);

  await expect(started.sfu.publish({ ...request, offer })).rejects.toMatchObject({ code: 'OFFER_REFUSED' });
});

test('ICE is restarted once for each time it is asked for: not by late candidates, two at once, or a lost answer', async () => {
  const { sfu } = started;
  const where = { roomId, sessionId: newId() };
  const { ice, sdp } = offerTo('recvonly');
  const ufrag = '74362487'; // A parser makes a number of it.
  const offer = sdp.replaceAll(ice.ufrag, ufrag).replace('a=mid:0', 'a=mid:voice').replace('BUNDLE 0', 'BUNDLE voice');
  const { etag: first } = await sfu.play({ ...where, ownerId: newId(), offer });
  const patch = (name: string, password = '\r\na=ice-pwd:0123456789012345678901', ifMatch: string | null = null) =>
    sfu.patch({ ...where, ifMatch, fragment: `a=ice-ufrag:${name}${password}\r\n` });

  const [restarted, overtaking] = await Promise.all([patch('another'), patch('another')]);
  expect(restarted.fragment).toMatch(/^a=ice-pwd:/m);
  expect(restarted.fragment).toMatch(/^m=audio 9 .*\r\n(a=.*\r\n)*a=mid:voice\r\n/m);
  expect(restarted.etag).not.toBe(first);
  expect(overtaking.fragment).toBeNull();

  expect(await patch(ufrag)).toEqual({ fragment: null, etag: restarted.etag });
  // Asked for again, as its answer was lost: under `*`, or the ETag that was good when it was asked for.
  expect(await patch('another', undefined, '*')).toEqual(restarted);
  expect(await patch('another', undefined, first)).toEqual(restarted);
  await expect(patch(ufrag, undefined, first)).rejects.toMatchObject({ code: 'STALE_ETAG' });
  await expect(patch('a-third', '')).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

test('a player in another network has its media there after an ICE restart, under the new names alone', async () => {
  const { sfu } = started;
  const where = { roomId, sessionId: newId() };
  const { ice, sdp } = offerTo('recvonly');
  const old = remoteIn((await sfu.play({ ...where, ownerId: newId(), offer: sdp })).answer);
  const player = await watchRaw(old, ice);
  for (const show of shows) show.start();
  onTestFinished(() => {
    for (const show of shows) show.stop();
    player.close();
  });
  await eventually(() => player.received().packets > 10, { deadlineMs: 10_000 });
  const there = await otherNetwork(old);
  onTestFinished(there.close);

  const fragment = 'a=ice-ufrag:another\r\na=ice-pwd:0123456789012345678901\r\n';
  const restarted = remoteIn((await sfu.patch({ ...where, ifMatch: '*', fragment })).fragment!);
  expect(restarted).toMatchObject({ address: old.address, port: old.port });
  const first = there.asks(restarted, 'another');
  await eventually(() => there.answered.has(first));
  // On one line what was asked later is answered later.
  const [late, last] = [there.asks(old, ice.ufrag), there.asks(restarted, 'another')];
  await eventually(() => there.answered.has(last));

  expect(there.answered.has(late), 'under the names of before').toBe(false);
  const before = there.packets();
  await eventually(() => there.packets() > before + 10, { deadlineMs: 10_000 });
});

/** A line of its own to the server: what it asks there over ICE, what is answered, and what comes of sound and picture. */
async function otherNetwork({ address, port }: Remote) {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.connect(port, address, resolve));
  const answered = new Set<string>();
  let packets = 0;
  const idOf = (packet: Buffer): string => packet.toString('hex', 8, 20);
  socket.on('message', (packet) => {
    if (!isStun(packet)) packets += 1;
    else if (isBindingSuccess(packet)) answered.add(idOf(packet));
  });
  return {
    answered,
    packets: () => packets,
    /** Gives what the answer will be known by. */
    asks(server: Remote, clientUfrag: string): string {
      const request = bindingRequestOf({ serverUfrag: server.ufrag, serverPassword: server.password, clientUfrag });
      socket.send(request);
      return idOf(request);
    },
    close: () => void socket.close(),
  };
}
