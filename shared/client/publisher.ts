import type { Producer, ProducerOptions } from 'mediasoup-client/types';
import type { MediaKind } from '../protocol/media.ts';
import { createEmitter } from './emitter.ts';
import { keepMediaSession, type MediaState } from './media-session.ts';
import type { MediaTrack } from './media-track.ts';
import type { OpenSession } from './media-transport.ts';
import type { PlayerOptions } from './player.ts';

/** What a browser tells of a stream it sends. The library names a type for it that only browsers have. */
type Measured = { getStats(): Promise<Map<string, { type: string; bytesSent?: number }>> };

export type PublisherEvents = { state: MediaState };
export type Publisher = ReturnType<typeof createPublisher>;

export type PublisherOptions = PlayerOptions & {
  /** Camera and microphone; the caller stops them when done. */
  tracks: readonly MediaTrack[];
};

/** Three pictures of one camera, so that each viewer gets the largest their network carries. */
const simulcast = [
  { scaleResolutionDownBy: 4, maxBitrate: 200_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 2, maxBitrate: 700_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 1, maxBitrate: 2_500_000, scalabilityMode: 'L1T3' },
];
/** Below this height browsers leave layers out by themselves. */
const simulcastFromHeight = 540;

/** Publishes tracks in a room, and keeps at it over lost networks and restarted media servers. */
export function createPublisher({ tracks, ...options }: PublisherOptions) {
  const events = createEmitter<PublisherEvents>();
  const sending = new Map<string, MediaTrack>(tracks.map((track) => [track.kind, track]));
  const producers = new Map<string, Producer>();
  /** Kinds that are not to go out, whatever track and connection there is. */
  const disabled = new Set<string>();
  const session = keepMediaSession({
    ...options,
    direction: 'publish',
    build: produceAll,
    onLost: () => producers.clear(),
    onState: (state) => events.emit('state', state),
  });

  return {
    on: events.on,
    /**
     * Another camera, microphone or the screen instead, without a break, or sound where there was none. Resolves when the track of
     * before is not needed any more.
     */
    async replaceTrack(track: MediaTrack): Promise<void> {
      sending.set(track.kind, track);
      await session.rebuild();
    },
    /** Sends nothing of a kind for a while, without giving up the session; also over the next one. */
    setEnabled(kind: MediaKind, enabled: boolean): void {
      if (enabled) disabled.delete(kind);
      else disabled.add(kind);
      // The track itself: there may be no connection now, or one that is just being made.
      const track = sending.get(kind);
      if (track) track.enabled = enabled;
      const producer = producers.get(kind);
      if (enabled) producer?.resume();
      else producer?.pause();
    },
    /** Bytes sent so far over the present connection; 0 while there is none. */
    async sentBytes(): Promise<number> {
      const reports = await Promise.all(
        ([...producers.values()] as unknown as Measured[]).map((one) => one.getStats()),
      );
      return reports
        .flatMap((report) => [...report.values()])
        .reduce((sum, { type, bytesSent = 0 }) => (type === 'outbound-rtp' ? sum + bytesSent : sum), 0);
    },
    close: (): void => session.close(),
  };

  /** Whoever changes a track while this is under way asks for another build behind it. */
  async function produceAll({ transport }: OpenSession): Promise<boolean> {
    for (const [kind, track] of sending) {
      if (track.readyState === 'ended') continue; // A screen was chosen without a microphone.
      const producer = producers.get(kind);
      if (disabled.has(kind)) track.enabled = false;
      if (!producer || producer.closed) producers.set(kind, await transport.produce(optionsFor(track)));
      else if (producer.track !== track) await producer.replaceTrack({ track: track as never });
    }
    return true;
  }
}

function optionsFor(track: MediaTrack): ProducerOptions {
  const sent = { track: track as never, stopTracks: false };
  if (track.kind === 'audio') return { ...sent, codecOptions: { opusDtx: true, opusFec: true } };
  const isLarge = (track.getSettings().height ?? 0) >= simulcastFromHeight;
  return {
    ...sent,
    codecOptions: { videoGoogleStartBitrate: 800 },
    ...(isLarge ? { encodings: structuredClone(simulcast) } : {}),
  };
}
