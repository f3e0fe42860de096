import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { filledLine } from '../text.ts';
import { command, roomEvent } from './define.ts';

/** Media limits that clients may rely on. */
export const mediaLimits = {
  /** Bytes of a WHIP or WHEP body. Offers of browsers have 5 to 15 KiB. */
  offerBytesMax: 64 * 1024,
  /** People who publish in one room at a time, the host included. */
  publishersMax: 4,
  /** Streams one publisher sends at a time: camera, microphone, screen. */
  producersPerSessionMax: 3,
} as const;

/** What a session names that it does not want: each publisher and each stream there can be. */
const withoutMax = mediaLimits.publishersMax * (1 + mediaLimits.producersPerSessionMax);

/**
 * What mediasoup and mediasoup-client say to each other. They check these themselves, value by value; here only their
 * outer form and size are bounded.
 */
const Opaque = z.record(z.string().max(60), z.unknown());
export const RtpCapabilities = z.looseObject({
  codecs: z.array(Opaque).max(100),
  headerExtensions: z.array(Opaque).max(100),
});
export const RtpParameters = z.looseObject({
  codecs: z.array(Opaque).min(1).max(20),
  headerExtensions: z.array(Opaque).max(40).optional(),
  encodings: z.array(Opaque).max(8).optional(),
  rtcp: Opaque.optional(),
  mid: z.string().max(32).optional(),
});
/** Bytes of the name of a source: RTCP says its length in one byte. */
const cnameBytesMax = 255;
/** As a publisher may give them, over the socket or in an offer: viewers write each text of them into a line of their SDP. */
export const PublishedRtpParameters = RtpParameters.refine((value) => isPlain(value), {
  error: 'texts have 1,024 characters at the most and no line breaks, numbers 32 bits',
}).refine(({ rtcp }) => bytesOf(rtcp?.['cname']) <= cnameBytesMax, {
  path: ['rtcp', 'cname'],
  error: `must have at most ${cnameBytesMax} bytes`,
});

const bytesOf = (text: unknown): number => (typeof text === 'string' ? new TextEncoder().encode(text).length : 0);

/** The length is that of a line in an offer (media/sdp/offer-bounds.ts). */
function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.length <= 1_024 && !/\p{Cc}/u.test(value);
  if (typeof value === 'number') return Math.abs(value) < 2 ** 32;
  if (typeof value !== 'object' || value === null) return true;
  return depth < 8 && Object.entries(value).every(([key, each]) => isPlain(key) && isPlain(each, depth + 1));
}

/** Bytes of a certificate's fingerprint, by its algorithm. */
const fingerprintBytes = new Map([
  ['sha-1', 20],
  ['sha-224', 28],
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);
/** Checked before it reaches the worker, which takes any text once, and then never connects. */
export const isFingerprint = ({ algorithm, value }: { algorithm: string; value: string }): boolean => {
  const bytes = fingerprintBytes.get(algorithm);
  return bytes !== undefined && value.length === bytes * 3 - 1 && /^[\dA-F]{2}(:[\dA-F]{2})*$/i.test(value);
};
const Fingerprint = z
  .strictObject({ algorithm: z.string().max(20), value: z.string().max(300) })
  .refine(isFingerprint, 'This is no fingerprint: as many bytes as its algorithm has, in hex, with colons between.');
export const DtlsParameters = z.strictObject({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z.array(Fingerprint).min(1).max(8),
});
export const IceParameters = z.looseObject({ usernameFragment: z.string(), password: z.string() });

/** One client's connection to the media server, as mediasoup-client's createSendTransport and createRecvTransport take it. */
export const TransportParameters = z.object({
  id: z.string(),
  iceParameters: IceParameters,
  iceCandidates: z.array(Opaque),
  dtlsParameters: Opaque,
});
export type TransportParameters = z.infer<typeof TransportParameters>;

export const IceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof IceServer>;

export const MediaKind = z.enum(['audio', 'video']);
export type MediaKind = z.infer<typeof MediaKind>;

/** Somebody who publishes in a room now. */
export const Publisher = z.object({ personId: Id, kinds: z.array(MediaKind), muted: z.array(MediaKind) });
export type Publisher = z.infer<typeof Publisher>;

/**
 * Somebody whom the host invited to publish too. `untilMs`: when the invitation ends (Unix ms) unless it is answered; null once it was
 * accepted. `muted`: what of them nobody is to hear or see, whether they send it just now or not.
 */
export const CoHost = z.object({
  personId: Id,
  name: z.string(),
  untilMs: UnixMs.nullable(),
  muted: z.array(MediaKind),
});
export type CoHost = z.infer<typeof CoHost>;

/** Who is invited or publishes besides the host, in the order in which they were invited, and what of the host is muted. */
export const CoHosts = z.object({ coHosts: z.array(CoHost), hostMuted: z.array(MediaKind) });
export type CoHosts = z.infer<typeof CoHosts>;
/** The same as the room is told it. `declined`: who has just said no to an invitation. */
export const CoHostsTold = CoHosts.extend({ declined: Id.optional() });
export type CoHostsTold = z.infer<typeof CoHostsTold>;

/** One stream of a publisher, on its way to one viewer. It stays silent until the viewer resumes it. */
export const Consumed = z.object({
  consumerId: z.string(),
  producerId: z.string(),
  publisherId: Id,
  kind: MediaKind,
  rtpParameters: RtpParameters,
});
export type Consumed = z.infer<typeof Consumed>;

/** A stream that this client has no decoder for. */
export const Unplayable = z.object({ publisherId: Id, kind: MediaKind, mimeType: z.string() });
export type Unplayable = z.infer<typeof Unplayable>;

/**
 * Why a session ended. `crowded-out`: it gave its place to a newer one: not connected, of the same person or in a crush; without anything to watch, when the media server is full. `taken-over`: the same publisher came back from another place; `worker-died`: the media server lost
 * a part and is back in a moment, so ask for a new session. `codec-changed`: the publisher now sends what was not agreed on
 * with this player, so ask again. `too-much-sent`: the publisher sent far more for seconds than it was told it may. `refused`: what
 * was asked for could not be had after all.
 */
export const SessionEnd = z.enum([
  'left',
  'lost',
  'half-open',
  'crowded-out',
  'taken-over',
  'worker-died',
  'codec-changed',
  'key-revoked',
  'kicked',
  'room-ended',
  'not-allowed',
  'too-much-sent',
  'refused',
  'stopping',
]);
export type SessionEnd = z.infer<typeof SessionEnd>;

export const MediaStatus = z.object({
  state: z.enum(['preparing', 'ready', 'failed']),
  /** 0 to 1; how far the preparation is. */
  progress: z.number(),
  message: z.string(),
});
export type MediaStatus = z.infer<typeof MediaStatus>;

/** `lastEnd`: why what was last sent with the key is sent no more, until it is again; encoders show their user little of what they are told. */
const StreamKey = z.object({
  keyId: Id,
  createdAtMs: UnixMs,
  lastUsedAtMs: UnixMs.nullable(),
  lastEnd: z.object({ reason: SessionEnd, atMs: UnixMs }).nullable(),
});

/** Made by the server, unguessable: whoever knows it may end or restart the session. */
const SessionId = z.string().min(20).max(64);
const ofSession = { roomId: Id, sessionId: SessionId };
const Nothing = z.object({});

export const mediaCommands = {
  'media:status': command({
    summary: 'Tells whether media can be had, who publishes, and who was invited to.',
    input: z.strictObject({ roomId: Id }),
    output: MediaStatus.extend({ publishers: z.array(Publisher), ...CoHosts.shape }),
    http: { method: 'GET', path: '/api/rooms/:roomId/media' },
  }),
  'media:capabilities': command({
    summary: "What the media server can receive and send, for mediasoup-client's device.load.",
    input: z.strictObject({ roomId: Id }),
    output: z.object({ rtpCapabilities: RtpCapabilities }),
  }),
  'media:transport': command({
    summary: 'Opens a media session of this socket: one transport to publish or to watch. It ends with the socket.',
    input: z.strictObject({ roomId: Id, direction: z.enum(['publish', 'watch']) }),
    output: z.object({ sessionId: SessionId, transport: TransportParameters, iceServers: z.array(IceServer) }),
  }),
  'media:connect': command({
    summary: 'Gives the DTLS side of the client, once.',
    input: z.strictObject({ ...ofSession, dtlsParameters: DtlsParameters }),
    output: Nothing,
  }),
  'media:produce': command({
    summary:
      'Starts to send one stream. Safe to repeat with a `source`: the same again is the same stream, and anything else from there replaces it.',
    input: z.strictObject({
      ...ofSession,
      kind: MediaKind,
      rtpParameters: PublishedRtpParameters,
      source: filledLine(32).optional().describe('Names the camera, the microphone, the screen: any word of yours.'),
    }),
    output: z.object({ producerId: z.string() }),
  }),
  'media:consume': command({
    summary: 'Asks for every stream of the room that this session does not get yet. Safe to repeat; all start paused.',
    input: z.strictObject({
      ...ofSession,
      rtpCapabilities: RtpCapabilities,
      without: z
        .array(Id)
        .max(withoutMax)
        .default([])
        .describe(
          'Publishers whose streams are not wanted (oneself, where the page has the picture that it sends), and single streams by `producerId` (those that a browser did not take).',
        ),
    }),
    output: z.object({
      consumers: z.array(Consumed),
      unplayable: z.array(Unplayable).describe('Those that this client has no decoder for, each time all of them.'),
      kept: z
        .array(z.string())
        .optional()
        .describe('Ids of consumers that flow since before. Any other that was given before shows nothing more.'),
    }),
  }),
  'media:resume': command({
    summary: 'Lets streams flow, once the client is ready to decode them.',
    input: z.strictObject({ ...ofSession, consumerIds: z.array(z.string().max(64)).min(1).max(20) }),
    output: Nothing,
  }),
  'media:layers': command({
    summary: 'Chooses the highest simulcast or SVC layer wanted; the connection may allow less.',
    input: z.strictObject({
      ...ofSession,
      consumerId: z.string().max(64),
      spatialLayer: z.int().min(0).max(7),
      temporalLayer: z.int().min(0).max(7).optional(),
    }),
    output: Nothing,
  }),
  'media:restart-ice': command({
    summary:
      'New ICE credentials for a session whose network has changed, and the STUN and TURN servers anew: names for those end after hours.',
    input: z.strictObject(ofSession),
    output: z.object({ iceParameters: IceParameters, iceServers: z.array(IceServer) }),
  }),
  'media:close': command({
    summary: 'Ends a media session.',
    input: z.strictObject(ofSession),
    output: Nothing,
  }),
  'media:watch-grant': command({
    summary: 'Address and bearer token with which a WHEP player may watch this room, for twelve hours.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ whepUrl: z.string(), token: z.string(), expiresAtMs: UnixMs }),
    http: { method: 'POST', path: '/api/rooms/:roomId/watch-grant' },
  }),
  'media:stream-key': command({
    summary: 'Tells whether the room has a stream key, and when it was last used. Never the key itself.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ streamKey: StreamKey.nullable() }),
    http: { method: 'GET', path: '/api/rooms/:roomId/stream-key' },
  }),
  'media:make-stream-key': command({
    summary: 'Makes a stream key for WHIP and shows it, this once. An older key of the room stops working.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ keyId: Id, streamKey: z.string(), whipUrl: z.string() }),
    http: { method: 'POST', path: '/api/rooms/:roomId/stream-key' },
  }),
  'media:revoke-stream-key': command({
    summary: 'Ends the stream key of the room; whoever publishes with it is dropped within 5 s.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ revoked: z.boolean() }),
    http: { method: 'DELETE', path: '/api/rooms/:roomId/stream-key' },
  }),
  'media:invite': command({
    summary:
      'Invites a viewer to publish too. An invitation that is not answered ends after some minutes; inviting again renews it.',
    input: z.strictObject({ roomId: Id, personId: Id }),
    output: z.object({ outcome: z.enum(['invited', 'full']) }),
  }),
  'media:accept': command({
    summary: 'Accepts an invitation to publish.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ outcome: z.enum(['accepted', 'not_invited']) }),
  }),
  'media:decline': command({
    summary:
      'Declines an invitation to publish, or gives the place of a co-host back and ends what they send. Safe to repeat.',
    input: z.strictObject({ roomId: Id }),
    output: Nothing,
  }),
  'media:mute': command({
    summary:
      'Silences or unsilences a publisher for everybody, the host too, now and when they come back. `not_publishing`: they send nothing of the kind now.',
    input: z.strictObject({ roomId: Id, personId: Id, kind: MediaKind, muted: z.boolean() }),
    output: z.object({ outcome: z.enum(['done', 'not_publishing']) }),
  }),
  'media:kick': command({
    summary: "Ends a co-host's publishing and takes the right to it away.",
    input: z.strictObject({ roomId: Id, personId: Id }),
    output: Nothing,
  }),
};

export const mediaNotices = {
  /**
   * What can be watched has changed: the producers in `gone` have ended, media:consume tells what is new. A consumer in `gone` is one
   * of this client that shows nothing more though its stream goes on: media:consume gives another one.
   */
  'media:streams': z.object({ roomId: Id, gone: z.array(z.string()).describe('Ids of producers, or of consumers.') }),
  'media:closed': z.object({ roomId: Id, sessionId: z.string(), reason: SessionEnd }),
  /** To all sockets of whoever is invited to publish, wherever they are: before the door of a show for fans it lets them in. */
  'media:invited': z.object({ roomId: Id }),
  /** How well a stream arrives, 0 (lost) to 10 (perfect), and the layer now sent; null when none is. */
  'media:quality': z.object({
    roomId: Id,
    sessionId: z.string(),
    consumerId: z.string(),
    score: z.int(),
    spatialLayer: z.int().nullable(),
  }),
};

export const mediaRoomEvents = {
  /** Who publishes now, the host first. Said whenever it changes. */
  'media:publishers': roomEvent('host', z.object({ publishers: z.array(Publisher) })),
  /** Who is invited or accepted now, and who is muted. Said whenever somebody changes it; the snapshot of a room has it as `coHosts`. */
  'media:co-hosts': roomEvent('host', CoHostsTold),
};
