import { z } from 'zod';
import {
  Consumed,
  DtlsParameters,
  IceParameters,
  MediaKind,
  MediaStatus,
  Publisher,
  RtpCapabilities,
  RtpParameters,
  SessionEnd,
  TransportParameters,
  Unplayable,
} from './protocol/media.ts';

/**
 * What the gateway and the media server say to each other. Both run in one process by default and call each other
 * directly; on different hosts the same verbs travel over HTTP. The media server trusts its caller: who may publish or
 * watch is decided by the gateway.
 */
const verb = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });

const Room = { roomId: z.string() };
const OfSession = { ...Room, sessionId: z.string() };
/** `ownerId`: the person the session belongs to. One person publishes once: their next session takes over. */
const NewSession = { ...OfSession, ownerId: z.string() };
const Nothing = z.object({});
/** Their session replaced one of theirs that was still there. */
const tookOver = z.boolean().default(false);
/** `flowing`: packets came lately. */
const PublishingSession = z.object({ ...NewSession, keyId: z.string().nullable(), flowing: z.boolean(), tookOver });
/** The question has to fit into a body of the internal API. */
export const sessionsPerQuestionMax = 2_000;
/**
 * Kinds of a publisher that nobody is to hear or see. Of two states the one with the larger `version` was decided later, whichever
 * comes first.
 */
export const Muted = z.object({ kinds: z.array(MediaKind), version: z.int() });
export type Muted = z.infer<typeof Muted>;
const muted = Muted.optional();
/** Where the client calls from, so that nobody is kept out by what others leave half done. */
const network = z.string().optional();
/** `etag` names the ICE session: it changes with every ICE restart. */
const Answer = z.object({ answer: z.string(), etag: z.string() });

export const mediaVerbs = {
  status: verb(Nothing, MediaStatus),
  capabilities: verb(Nothing, z.object({ rtpCapabilities: RtpCapabilities })),

  /** `gatewayId`: the one that has the socket of the session; none where there is only one. */
  open: verb(
    z.object({
      ...NewSession,
      direction: z.enum(['publish', 'watch']),
      muted,
      network,
      gatewayId: z.string().optional(),
    }),
    TransportParameters,
  ),
  connect: verb(z.object({ ...OfSession, dtlsParameters: DtlsParameters }), Nothing),
  produce: verb(
    z.object({ ...OfSession, kind: MediaKind, rtpParameters: RtpParameters, source: z.string().optional() }),
    z.object({ producerId: z.string() }),
  ),
  consume: verb(
    z.object({ ...OfSession, rtpCapabilities: RtpCapabilities, without: z.array(z.string()).optional() }),
    // A media server that is updated last says neither what it leaves out nor what it keeps.
    z.object({
      consumers: z.array(Consumed),
      unplayable: z.array(Unplayable).default([]),
      kept: z.array(z.string()).optional(),
    }),
  ),
  resume: verb(z.object({ ...OfSession, consumerIds: z.array(z.string()) }), Nothing),
  layers: verb(
    z.object({
      ...OfSession,
      consumerId: z.string(),
      spatialLayer: z.int(),
      temporalLayer: z.int().optional(),
    }),
    Nothing,
  ),
  restartIce: verb(z.object(OfSession), z.object({ iceParameters: IceParameters })),

  /** WHIP: the whole exchange in one offer. `keyId`: the stream key it was allowed by. */
  publish: verb(z.object({ ...NewSession, keyId: z.string(), offer: z.string(), muted, network }), Answer),
  /** WHEP, likewise. */
  play: verb(z.object({ ...NewSession, offer: z.string(), network }), Answer),
  /** Trickle ICE or an ICE restart. `ifMatch`: the ETag the client believes in; `fragment` is null when nothing changed. */
  patch: verb(
    z.object({ ...OfSession, ifMatch: z.string().nullable(), fragment: z.string() }),
    z.object({ fragment: z.string().nullable(), etag: z.string() }),
  ),

  end: verb(z.object({ ...OfSession, reason: SessionEnd }), z.object({ ended: z.boolean() })),
  /** Ends all sessions of a room that match. */
  endAll: verb(
    z.object({
      ...Room,
      ownerId: z.string().optional(),
      keyId: z.string().optional(),
      direction: z.enum(['publish', 'watch']).optional(),
      reason: SessionEnd,
    }),
    z.object({ ended: z.int() }),
  ),
  /** Applies to all that a publisher sends or will send, also over a session on its way. `sent`: the kinds they send now. */
  mute: verb(z.object({ ...Room, ownerId: z.string(), muted: Muted }), z.object({ sent: z.array(MediaKind) })),
  publishers: verb(z.object(Room), z.object({ publishers: z.array(Publisher) })),
  /** All rooms, for checks that rights still hold and rooms know what flows. */
  rooms: verb(
    Nothing,
    z.object({
      rooms: z.array(
        z.object({
          ...Room,
          publishers: z.array(Publisher),
          /** As the event says it. */
          losing: z.array(z.string()).optional(),
          publishing: z.array(PublishingSession),
        }),
      ),
    }),
  ),
  /** Sessions that watch, in the order they were opened: at most `max` whose number is larger than `after`. */
  watching: verb(
    z.object({ after: z.int(), max: z.int() }),
    z.object({ sessions: z.array(z.object({ ...NewSession, number: z.int() })) }),
  ),
  /** Which of these sessions have ended, and why. At most `sessionsPerQuestionMax` at a time. */
  ended: verb(
    z.object({ sessions: z.array(z.object(OfSession)).max(sessionsPerQuestionMax) }),
    z.object({ ended: z.array(z.object({ ...OfSession, reason: SessionEnd })) }),
  ),
};

export type MediaVerb = keyof typeof mediaVerbs;
export type VerbInput<V extends MediaVerb> = z.output<(typeof mediaVerbs)[V]['input']>;
export type VerbOutput<V extends MediaVerb> = z.output<(typeof mediaVerbs)[V]['output']>;
export type MediaVerbs = { [V in MediaVerb]: (input: VerbInput<V>) => Promise<VerbOutput<V>> };

/** What the media server tells unasked. */
export const MediaEvent = z.discriminatedUnion('type', [
  /** What can be watched has changed; `gone` are the producers that have ended. */
  z.object({ type: z.literal('streams'), ...Room, gone: z.array(z.string()) }),
  z.object({
    type: z.literal('closed'),
    ...NewSession,
    direction: z.enum(['publish', 'watch']),
    /** The stream key with which nothing is sent any more; null when it had none, or another session of the key is on air. */
    endedKeyId: z.string().nullable().default(null),
    reason: SessionEnd,
  }),
  /** For the gateway that has the socket alone: it comes once a second for every picture of every viewer. */
  z.object({
    type: z.literal('quality'),
    ...OfSession,
    gatewayId: z.string().optional(),
    consumerId: z.string(),
    score: z.int(),
    spatialLayer: z.int().nullable(),
  }),
  /** For the same gateway: one stream comes to this viewer no more, though it goes on, and may be consumed anew. */
  z.object({ type: z.literal('lost'), ...OfSession, gatewayId: z.string().optional(), consumerId: z.string() }),
  /** `changeId` names the change, so that whoever hears it twice can tell. */
  z.object({ type: z.literal('publishers'), ...Room, publishers: z.array(Publisher), changeId: z.string() }),
  /** Packets arrive from a publisher: at their first one, and when they went on from another session. */
  z.object({ type: z.literal('flowing'), ...NewSession, keyId: z.string().nullable().default(null), tookOver }),
  /** None have arrived from a publisher for a few seconds. */
  z.object({ type: z.literal('silent'), ...NewSession }),
  /** Who speaks, the loudest first; empty when nobody does. */
  z.object({
    type: z.literal('speakers'),
    ...Room,
    speakers: z.array(z.object({ ownerId: z.string(), levelDb: z.int() })),
  }),
  /** Whose line to the media server loses much of what they send; empty when nobody's does. */
  z.object({ type: z.literal('losing'), ...Room, ownerIds: z.array(z.string()) }),
  /** The caller may have missed events: the media server, or the way to it, was away. Ask what has `ended`. */
  z.object({ type: z.literal('reset') }),
]);
export type MediaEvent = z.infer<typeof MediaEvent>;
