import { parse } from 'sdp-transform';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offeredStreams, ridsOf } from '../../media/sdp/publish-answer.ts';
import { readOffer } from '../../media/sdp/offer.ts';
import { newId } from '../../shared/ids.ts';
import { offerOf } from '../media/support/offers.ts';
import { startSfu, type TestSfu } from '../media/support/sfu.ts';

test.each([
  ['chromium-156-publish', ['video/VP8', 'audio/opus']],
  ['obs-30-publish', ['audio/opus', 'video/H264']],
  ['obs-gathered-publish', ['audio/opus', 'video/H264']],
  ['firefox-153-publish', ['audio/opus', 'video/VP8']],
  ['safari-publish', ['video/H264', 'audio/opus']],
  ['gstreamer-publish', ['video/VP8', 'audio/opus']],
])('%s: each stream is taken with the first codec we share', (name, codecs) => {
  const streams = offeredStreams(readOffer(offerOf(name)));

  expect(streams.map(({ rtpParameters }) => rtpParameters.codecs[0]!.mimeType.replace('OPUS', 'opus'))).toEqual(codecs);
});

test('Chromium sends three layers, the smallest first', () => {
  const [video] = offeredStreams(readOffer(offerOf('chromium-156-publish')));

  const scalabilityMode = 'L1T3'; // Else viewers would miss most frames of whoever sends temporal layers.
  expect(video?.rtpParameters.encodings).toEqual(['q', 'h', 'f'].map((rid) => ({ rid, scalabilityMode })));
});

test.each([
  ['q;h;f', ['q', 'h', 'f']],
  ['h;m;l', ['l', 'm', 'h']],
  ['0;1;2', ['2', '1', '0']],
  ['~a;b,b2', ['a', 'b']],
])('layers %s are put in the order of size', (list, rids) => {
  expect(ridsOf(list)).toEqual(rids);
});

test('a section that the offer closes is no stream, nor asked for keys; one that only a bundle opens is', () => {
  const text = offerOf('chromium-156-publish');
  const [head, first, second] = text.split(/(?=^m=)/m) as [string, string, string];
  const closed = first.replace(/^(m=\S+) 9/, '$1 0');
  const stripped = closed.replaceAll(/a=(setup|fingerprint|ice-ufrag|ice-pwd).*\r\n/g, '');

  expect(offeredStreams(readOffer(head + stripped + second)).map(({ kind }) => kind)).toEqual(['audio']);
  expect(offeredStreams(readOffer(`${head}${closed}a=bundle-only\r\n${second}`))).toHaveLength(2);
});

test('a stream that OBS sends keeps its SSRC', () => {
  const [, video] = offeredStreams(readOffer(offerOf('obs-30-publish')));

  expect(video?.rtpParameters.encodings).toEqual([{ ssrc: 3388068601 }]);
});

test.each([
  ['a=fingerprint', /a=fingerprint.*\r\n/g],
  ['a=setup', /a=setup.*\r\n/g],
  ['a=rtcp-mux', /a=rtcp-mux\r\n/g],
  ['a=ice-ufrag and a=ice-pwd', /a=ice-pwd.*\r\n/g],
  ['a=group:BUNDLE', /a=group.*\r\n/g],
])('an offer without %s is refused by name', (missing, lines) => {
  const text = offerOf('chromium-156-publish').replaceAll(lines, '');

  expect(() => readOffer(text)).toThrow(missing);
});

test.each(['sha-256 ZZ:00', 'sha-256 00:11', 'sha-1024 00:11', 'constructor 00'])('%s is no fingerprint', (wrong) => {
  const text = offerOf('chromium-156-publish').replaceAll(/(?<=a=fingerprint:).*(?=\r\n)/g, wrong);

  expect(() => readOffer(text)).toThrow('a well-formed a=fingerprint');
});

test('two sections of one name are refused by name: media would refuse the second without a word of use', () => {
  const text = offerOf('chromium-156-publish').replace('a=mid:1', 'a=mid:0');

  expect(() => readOffer(text)).toThrow('a=mid');
});

test('sound that is offered in layers is taken without them', () => {
  const text = offerOf('obs-30-publish').replace(/(?=^a=rtpmap:111)/m, 'a=simulcast:send 0;1\r\n');
  const [audio] = offeredStreams(readOffer(text));

  expect(text).toContain('a=simulcast');
  expect(audio!.rtpParameters.encodings).toHaveLength(1);
});

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\r\n`).join('');

test.each([
  ['codecs', 'a=rtpmap', many(65, (index) => `a=rtpmap:${index} x/9`)],
  ['payload types that are none', 'from 0 to 127', 'a=rtpmap:128 x/9\r\n'],
  ['feedback for all codecs', 'a=rtcp-fb', many(17, () => 'a=rtcp-fb:* a')],
  ['feedback for one codec', 'a=rtcp-fb', many(17, (index) => `a=rtcp-fb:97 a${index}`)],
  ['extensions', 'a=extmap', many(33, (index) => `a=extmap:${index + 1} urn:x`)],
  ['parameters', 'a=fmtp', `a=fmtp:97 ${'x=1;'.repeat(300)}\r\n`],
  ['a line', 'begins with a=x-', `a=x-${'y'.repeat(1_024)}\r\n`],
  ['control characters', 'control characters', 'a=x-y\u0000\r\n'],
  ['a name of a section', 'a=mid', `a=mid:${'0'.repeat(33)}\r\n`],
])('an offer with %s without measure is refused before anything is made of it', (_, named, lines) => {
  const text = offerOf('chromium-156-watch').replace(/(?=^m=audio)/m, lines);

  expect(() => readOffer(text)).toThrow(named);
});

test.each([
  [
    'a name of a source that RTCP could not say',
    'cname',
    (text: string) => text.replaceAll(/(?<=cname:)\S+/g, 'x'.repeat(256)),
  ],
  [
    'a number of a stream that is none',
    'numbers 32 bits',
    (text: string) => text.replaceAll('3388068601', '33880686010'),
  ],
])('%s is refused by name, as it is of pages: every viewer would be told it', (_, named, change) => {
  const offer = change(offerOf('obs-30-publish'));
  expect(offer).not.toBe(offerOf('obs-30-publish'));

  expect(() => offeredStreams(readOffer(offer))).toThrow(named);
});

test('of feedback that is said over and over, each kind we know is kept once', () => {
  const said = many(5, (index) => `a=rtcp-fb:* nack pli\r\na=rtcp-fb:* x${index}`);
  const text = offerOf('chromium-156-watch').replace(/(?=^m=audio)/m, said);

  const vp8 = readOffer(text).capabilities.codecs!.find(({ mimeType }) => mimeType === 'video/VP8')!;
  const kinds = vp8.rtcpFeedback!.map(({ type, parameter = '' }) => `${type} ${parameter}`.trim());
  expect(kinds.sort()).toEqual(['ccm fir', 'goog-remb', 'nack', 'nack pli', 'transport-cc']);
});

describe('what programs offer to publish, at the media server itself', () => {
  let started: TestSfu;
  beforeAll(async () => {
    started = await startSfu();
  });
  afterAll(() => started.close());

  test.each([
    ['chromium-156-publish', ['video/VP8 96', 'audio/opus 111']],
    ['obs-30-publish', ['audio/opus 111', 'video/H264 96']],
    ['obs-gathered-publish', ['audio/opus 111', 'video/H264 96']],
    ['firefox-153-publish', ['audio/opus 109', 'video/VP8 120']],
    ['safari-publish', ['video/H264 98', 'audio/opus 111']], // Its first one is constrained high, which nobody else sends.
    ['gstreamer-publish', ['video/VP8 96', 'audio/opus 97']],
  ])('%s: each section is answered in its own numbers, and is a stream that the worker takes', async (name, taken) => {
    const text = offerOf(name);
    const [offered, where] = [parse(text), { roomId: newId(), sessionId: newId() }];

    const { answer } = await started.sfu.publish({ ...where, ownerId: newId(), keyId: 'a key', offer: text });

    const { media, groups, setup, icelite } = parse(answer);
    const numbers = taken.map((each) => each.split(' ')[1]);
    const sections = media.map(({ type, mid, direction, payloads }) => [
      type,
      mid,
      direction,
      String(payloads).split(' ')[0],
    ]);
    expect(sections).toEqual(offered.media.map(({ type, mid }, i) => [type, mid, 'recvonly', numbers[i]]));
    for (const each of media) {
      expect(each.port, 'of a section that was not refused').not.toBe(0);
      expect(each.rtcpMux).toBe('rtcp-mux');
      expect(each.setup ?? setup, 'the client opens the handshake').toBe('passive');
      expect(each.candidates!.length).toBeGreaterThan(0);
    }
    expect(icelite).toBe('ice-lite');
    expect(groups?.find(({ type }) => type === 'BUNDLE')?.mids).toBe(
      offered.groups!.find(({ type }) => type === 'BUNDLE')!.mids,
    );
    // Silence costs nothing, and what is lost of speech can be made up for.
    const sound = media.find(({ type }) => type === 'audio')!;
    expect(sound.fmtp[0]!.config).toMatch(/^(?=.*\buseinbandfec=1\b)(?=.*\busedtx=1\b)/);

    const { producers } = started.sfu.running()!.rooms.find(where.roomId)!.sessions().get(where.sessionId)!;
    const streams = [...producers.values()].map(({ closed, rtpParameters }) => ({ closed, ...rtpParameters }));
    const [codecs, mids] = [streams.map(({ codecs: [first] }) => first!), streams.map(({ mid }) => mid)];
    expect(codecs.map(({ mimeType, payloadType }) => `${mimeType.replace('OPUS', 'opus')} ${payloadType}`)).toEqual(
      taken,
    );
    expect(mids).toEqual(offered.media.map(({ mid }) => String(mid)));
    // Each by the SSRC that was announced, or else by the names of its layers.
    const announced = offered.media.map(({ ssrcs, rids }) => ssrcs?.[0]?.id ?? rids!.map(({ id }) => id).join());
    const known = streams.map(({ encodings = [] }) => encodings[0]?.ssrc ?? encodings.map(({ rid }) => rid).join());
    expect(known).toEqual(announced);
    expect(streams.every(({ closed }) => !closed)).toBe(true);
  });
});
