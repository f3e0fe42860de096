import type { Consumer } from 'mediasoup-client/types';
import { AppError } from '../errors.ts';
import type { Consumed, Unplayable } from '../protocol/media.ts';
import { createEmitter } from './emitter.ts';
import { keepMediaSession, type MediaState } from './media-session.ts';
import type { MediaTrack } from './media-track.ts';
import type { OpenSession, TransportNeeds } from './media-transport.ts';
import { createRefusedStreams } from './refused-streams.ts';
import { systemTime, type Time } from './time.ts';

/** What one publisher sends, ready for `new MediaStream(tracks)`. */
export type Played = { publisherId: string; tracks: MediaTrack[] };

export type PlayerEvents = {
  state: MediaState;
  /** Everything that can be seen and heard now. */
  played: readonly Played[];
  /** Everything that is sent and that this browser can't show: it has no decoder, or did not take the stream. */
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
  /** Publishers whose streams are not wanted. */
  let without: readonly string[] = [];
  /** Something new is shown, and nobody was told. */
  let isUntold = false;
  const refused = createRefusedStreams();
  /** A session has failed at streams that were taken together: which of them it was, is seen one by one. */
  let isOneByOne = false;

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
    const wanted = { roomId, sessionId, rtpCapabilities, without: [...without, ...refused.ids()] };
    const { consumers, unplayable, kept } = await client.request('media:consume', wanted);
    const given = consumers.map(({ consumerId }) => consumerId);
    // The word that one has ended may have been lost.
    if (kept) forget(({ consumer: { id } }) => !kept.includes(id) && !given.includes(id));
    const streams = consumers.filter((stream) => !refused.has(stream));
    await take(streams, transport);
    // A gateway that is updated last does not tell.
    events.emit('unplayable', [...((unplayable as Unplayable[] | undefined) ?? []), ...refused.all()]);
    const consumerIds = streams.filter((stream) => !refused.has(stream)).map(({ consumerId }) => consumerId);
    if (consumerIds.length > 0) await client.request('media:resume', { roomId, sessionId, consumerIds });
    if (isUntold) tellShown();
    // The server waits for a handshake now that nothing here would begin; of another session nothing of this is asked for.
    const isUnused = consumerIds.length === 0 && transport.connectionState === 'new';
    if (given.length > 0 && isUnused) throw new Error('nothing that was given could be shown');
    return shown.size > 0;
  }

  /**
   * Shows each stream that the browser takes. It is offered all of them in one description, and one line of it that it does not
   * understand has it refuse the whole, and every later one: then another session is needed, on which they are offered one by one.
   */
  async function take(streams: readonly Consumed[], transport: OpenSession['transport']): Promise<void> {
    const groups = isOneByOne ? streams.map((stream) => [stream]) : [streams];
    for (const group of groups) {
      const taken = await Promise.allSettled(group.map((stream) => show(stream, transport)));
      for (const [index, result] of taken.entries()) {
        if (result.status === 'rejected') judge(result.reason, group[index]!, transport);
      }
    }
    isOneByOne = false;
  }

  /** @throws whatever it was, when this session is of no use any more */
  function judge(error: unknown, stream: Consumed, transport: OpenSession['transport']): void {
    // The library has seen that it can't be decoded here, and has not offered it.
    if (error instanceof Error && error.name === 'UnsupportedError') return refused.add(stream);
    if (error instanceof AppError || transport.closed) throw error; // Of the server, or of a session that has ended.
    if (isOneByOne) refused.add(stream);
    isOneByOne = true;
    throw error;
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
    refused.forget(gone);
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
