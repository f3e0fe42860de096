import type { Consumer, Producer, ProducerOptions } from 'mediasoup-client/types';
import type { Consumed, MediaKind, Unplayable } from '../protocol/media.ts';
import { createEmitter } from './emitter.ts';
import { keepMediaSession, type MediaState } from './media-session.ts';
import type { MediaTrack } from './media-track.ts';
import type { OpenSession, TransportNeeds } from './media-transport.ts';
import { systemTime, type Time } from './time.ts';

export type { MediaState, MediaTrack, Unplayable };

/** What one publisher sends, ready for `new MediaStream(tracks)`. */
export type Played = { publisherId: string; tracks: MediaTrack[] };

export type PlayerEvents = {
  state: MediaState;
  /** Everything that can be seen and heard now. */
  played: readonly Played[];
  /** Everything that is sent and that this browser can't decode. */
  unplayable: readonly Unplayable[];
  /** Layers of the picture that can be chosen, lowest first; 1 when there is no choice. */
  layers: number;
  /** 0 (lost) to 10 (perfect), and the layer that comes now. */
  quality: { score: number; spatialLayer: number | null };
};
export type Player = ReturnType<typeof createPlayer>;

/** `newDevice` and `time`: tests bring their own. */
export type PlayerOptions = Omit<TransportNeeds, 'direction'> & { time?: Time };

/** New streams are asked for within this time, ms: hardly a wait for one viewer, and no rush of all of them for the server. */
const askAfterMsMax = 200;

type Shown = { consumer: Consumer; publisherId: string; producerId: string };

/** Plays all publishers of a room, and keeps at it: over lost networks, restarted media servers and changing publishers. */
export function createPlayer(options: PlayerOptions) {
  const { client, roomId, time = systemTime } = options;
  const events = createEmitter<PlayerEvents>();
  const shown = new Map<string, Shown>();
  /** Producers, and consumers of this page, that ended since the latest build was begun: it may just be about to show them. */
  let goneMeanwhile = new Set<string>();
  let wantedLayer: number | null = null;
  let cancelAsking: (() => void) | null = null;
  /** Publishers whose streams are not asked for. */
  let without: readonly string[] = [];
  /** Something new is shown, and nobody was told. */
  let isUntold = false;

  const stopListening = client.on('notice', ({ name, body }) => {
    if (name === 'media:streams') streamsChanged(body as { roomId: string; gone: string[] });
    if (name === 'media:quality')
      tellQuality(body as { consumerId: string; score: number; spatialLayer: number | null });
  });
  const session = keepMediaSession({
    ...options,
    direction: 'watch',
    build: consume,
    onLost: () => forget(() => true),
    onState: (state) => events.emit('state', state),
  });

  return {
    on: events.on,
    played,
    /** The highest layer wanted, from 0; null leaves the choice to the network. */
    chooseLayer(layer: number | null): void {
      wantedLayer = layer;
      for (const each of shown.values()) sendLayer(each);
    },
    /** Asks for no streams of these publishers from now on, and again for those of others; what is shown already stays. */
    leaveOut(publisherIds: readonly string[]): void {
      const isOther = publisherIds.join() !== without.join();
      without = publisherIds;
      if (isOther) void session.rebuild();
    },
    close(): void {
      stopListening();
      cancelAsking?.();
      session.close();
    },
  };

  async function consume({ sessionId, device, transport }: OpenSession): Promise<boolean> {
    goneMeanwhile = new Set();
    const rtpCapabilities = device.recvRtpCapabilities as never;
    const wanted = { roomId, sessionId, rtpCapabilities, without: [...without] };
    const { consumers, unplayable, kept } = await client.request('media:consume', wanted);
    // A gateway that is updated last does not tell.
    events.emit('unplayable', (unplayable as Unplayable[] | undefined) ?? []);
    const consumerIds = consumers.map(({ consumerId }) => consumerId);
    // The word that one has ended may have been lost.
    if (kept) forget(({ consumer: { id } }) => !kept.includes(id) && !consumerIds.includes(id));
    await Promise.all(consumers.map((consumed) => show(consumed, transport)));
    if (consumerIds.length > 0) await client.request('media:resume', { roomId, sessionId, consumerIds });
    if (isUntold) tellShown();
    return shown.size > 0;
  }

  /** Also of what flows since an earlier build, of which only the last answer was lost. */
  function tellShown(): void {
    isUntold = false;
    events.emit('played', played());
    events.emit('layers', Math.max(1, ...[...shown.values()].map(({ consumer }) => layersOf(consumer))));
    if (wantedLayer !== null) for (const each of shown.values()) sendLayer(each);
  }

  async function show(
    { consumerId, producerId, publisherId, kind, rtpParameters }: Consumed,
    transport: OpenSession['transport'],
  ): Promise<void> {
    if (shown.has(consumerId)) return; // It is there, and only waits to be resumed.
    const consumer = await transport.consume({
      id: consumerId,
      producerId,
      kind,
      rtpParameters: rtpParameters as never,
      streamId: publisherId,
    });
    if (goneMeanwhile.has(producerId) || goneMeanwhile.has(consumerId)) consumer.close();
    if (consumer.closed) return;
    shown.set(consumerId, { consumer, publisherId, producerId });
    isUntold = true;
  }

  function streamsChanged({ roomId: where, gone }: { roomId: string; gone: string[] }): void {
    if (where !== roomId) return;
    for (const id of gone) goneMeanwhile.add(id);
    forget(({ producerId, consumer }) => gone.includes(producerId) || gone.includes(consumer.id));
    // Everybody in the room hears of it in the same moment, and changes come in twos and threes: sound, picture.
    cancelAsking ??= time.after(askAfterMsMax * time.random(), () => {
      cancelAsking = null;
      void session.rebuild();
    });
  }

  function forget(isGone: (each: Shown) => boolean): void {
    const before = shown.size;
    for (const [consumerId, each] of shown) {
      if (!isGone(each)) continue;
      each.consumer.close();
      shown.delete(consumerId);
    }
    if (shown.size !== before) events.emit('played', played());
  }

  function played(): Played[] {
    const byPublisher = new Map<string, MediaTrack[]>();
    for (const { publisherId, consumer } of shown.values())
      byPublisher.set(publisherId, [...(byPublisher.get(publisherId) ?? []), consumer.track as MediaTrack]);
    return [...byPublisher].map(([publisherId, tracks]) => ({ publisherId, tracks }));
  }

  function sendLayer({ consumer }: Shown): void {
    const open = session.current();
    const layers = layersOf(consumer);
    if (!open || layers < 2) return;
    const spatialLayer = Math.min(wantedLayer ?? layers - 1, layers - 1);
    const choice = { roomId, sessionId: open.sessionId, consumerId: consumer.id, spatialLayer };
    void client.request('media:layers', choice).catch(() => undefined); // Asked again with the next session.
  }

  function tellQuality({
    consumerId,
    score,
    spatialLayer,
  }: {
    consumerId: string;
    score: number;
    spatialLayer: number | null;
  }): void {
    if (shown.has(consumerId)) events.emit('quality', { score, spatialLayer });
  }
}

/** Number of spatial layers, from `L3T3` and the like. */
const layersOf = ({ rtpParameters }: Consumer): number =>
  Number(/^[LS](\d)/.exec(rtpParameters.encodings?.[0]?.scalabilityMode ?? '')?.[1] ?? 1);

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
