import { z } from 'zod';
import { MediaEvent } from '../../shared/media-link.ts';
import { mediaLimits, MediaKind, RtpParameters, SessionEnd } from '../../shared/protocol/media.ts';
import { mediaProcessLimits } from '../limits.ts';

/**
 * What a media server (home) and those that carry viewers for it (its edges) say to each other besides the verbs that gateways use.
 * Home asks, edges answer. A link is a lease: home names it with every beat, and what an edge holds under it ends when none comes.
 */

/** How often home is heard by each edge, and hears of it. */
export const beatEveryMs = 400;
/** So many times in a row without an answer: the edge is lost. With one beat more that may just have been answered, 1.2 to 1.6 s. */
export const missedBeatsMax = 3;
/** An edge that has heard nothing of a link for so long ends what it holds under it. Longer than home waits: it must not be the first. */
export const linkSilentMs = 4_000;
/** Over a relay nothing has come for so long. Sound comes 50 times a second, silence (DTX) still every 400 ms. */
export const starvedAfterMs = 600;
/** Events that one answer carries; the rest comes with the next. */
export const eventsPerBeatMax = 2_000;

/** One end of a pipe. The other end takes packets from this address alone, under these keys alone. */
export const PipeEnd = z.object({
  /** Of the transport at home: another one is another pipe. */
  pipeId: z.string(),
  ip: z.string(),
  port: z.int(),
  srtpParameters: z.object({ cryptoSuite: z.string(), keyBase64: z.string() }),
});
export type PipeEnd = z.infer<typeof PipeEnd>;

/** A stream as it comes out of the pipe. `producerId` is that of home: it means the same on all hosts. */
export const RelayedStream = z.object({
  producerId: z.string(),
  ownerId: z.string(),
  kind: MediaKind,
  rtpParameters: RtpParameters,
  paused: z.boolean(),
});
export type RelayedStream = z.infer<typeof RelayedStream>;

/** All of a room that is to be seen at an edge; no pipe while nobody publishes. */
export const RelayedRoom = z.object({
  pipe: PipeEnd.nullable(),
  streams: z.array(RelayedStream).max(mediaLimits.publishersMax * mediaLimits.producersPerSessionMax),
});
export type RelayedRoom = z.infer<typeof RelayedRoom>;

export const LinkEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('closed'), roomId: z.string(), sessionId: z.string(), reason: SessionEnd }),
  z.object({
    type: z.literal('lost'),
    roomId: z.string(),
    sessionId: z.string(),
    gatewayId: z.string().optional(),
    consumerId: z.string(),
  }),
  /** The edge could not keep a room: its worker died, or another home took it. */
  z.object({ type: z.literal('relay-ended'), relay: z.int() }),
]);
export type LinkEvent = z.infer<typeof LinkEvent>;

export const linkVerbs = {
  beat: {
    input: z.object({
      linkId: z.string(),
      /** Of this link: larger than that of any beat before. */
      beat: z.int(),
      /** The link before this one: what is still held under it ends at once. */
      over: z.string().nullable(),
      /** Number of the last event that was heard: those up to it need not be told again. */
      seen: z.int(),
      /** The relays there are to be, of all up to number `lastRelay`; what else is held of these ends. */
      relays: z.array(z.int()).max(mediaProcessLimits.roomsMax),
      lastRelay: z.int(),
    }),
    output: z.object({
      /** Of this link, when the beat came. `over`: it has ended there, and home must begin another one. */
      link: z.enum(['known', 'new', 'over']),
      /** Share of what it may carry, of its processors or of what it may send; null while it can carry nothing. */
      load: z.number().nullable(),
      /** What one viewer more will add to that. */
      loadPerViewer: z.number(),
      /** Relays that have streams, and over which nothing has come since the answer to this beat; 0 where nothing ever came. */
      starved: z.array(z.object({ relay: z.int(), since: z.int() })),
      /** Told until they are seen. */
      events: z.array(z.object({ number: z.int(), event: LinkEvent })),
      /** The latest of each picture, told once. */
      qualities: z.array(MediaEvent),
    }),
  },
  /** Has a room be seen at the edge as it is at home. `relay`: number of the relay, larger than that of any before. */
  relay: {
    input: z.object({ linkId: z.string(), relay: z.int(), roomId: z.string(), room: RelayedRoom }),
    output: z.object({ pipe: PipeEnd.nullable() }),
  },
};

export type LinkVerb = keyof typeof linkVerbs;
export type LinkVerbs = {
  [V in LinkVerb]: (
    input: z.output<(typeof linkVerbs)[V]['input']>,
  ) => Promise<z.output<(typeof linkVerbs)[V]['output']>>;
};
