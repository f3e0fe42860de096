import type { RtpEncodingParameters } from 'mediasoup/types';
import type { MediaLog } from './log.ts';
import type { LossLadder } from './loss-ladder.ts';
import type { Published } from './room/published.ts';
import type { Room } from './room/room.ts';
import type { Session } from './room/session.ts';
import type { Offer } from './sdp/offer.ts';
import { canCarry, capabilitiesOf, needSsrcs, type Seat } from './sdp/watch-answer.ts';

type Needs = {
  room: Room;
  session: Session;
  offer: Offer;
  seats: readonly Seat[];
  ladder: LossLadder;
  log: MediaLog;
};

export type Seating = {
  /**
   * To be called whenever what can be watched may have changed. Resolves when all seats show what they can; never rejects: a session
   * that can't be served is ended, for the player to ask again instead of showing nothing.
   */
  fill(): Promise<void>;
  /** Of what a seat shows, if the answer has to name it. From the first one that is asked for, no seat may show anything else. */
  encodingOf(seat: Seat): RtpEncodingParameters | undefined;
};

/** Keeps the seats of a WHEP player filled while publishers begin, leave and come back, all within the one answer the player got. */
export function keepSeated({ room, session, offer, seats, ladder, log }: Needs): Seating {
  /** Producer that a seat shows. */
  const shown = new Map<Seat, string>();
  let filling: Promise<void> | null = null;
  let isStale = false;
  let isAnswered = false;

  return {
    fill(): Promise<void> {
      isStale = true;
      return (filling ??= fillAll());
    },
    encodingOf(seat) {
      if (!needSsrcs(seats)) return undefined;
      isAnswered = true;
      return session.consumers.get(shown.get(seat) ?? '')?.rtpParameters.encodings?.[0];
    },
  };

  /** One after the other: two at once could put two streams on one seat. */
  async function fillAll(): Promise<void> {
    try {
      while (isStale && !session.closed) {
        isStale = false;
        await fillOnce();
      }
    } catch (error) {
      if (!session.closed) log.error({ err: error, roomId: session.roomId }, 'a player can not be served');
      session.close('refused');
    } finally {
      filling = null;
    }
  }

  async function fillOnce(): Promise<void> {
    const seating = seatingOf(seats, room.published(), shown);
    const wanted = new Set([...seating.values()].map(({ producer }) => producer.id));
    for (const [producerId, consumer] of session.consumers) if (!wanted.has(producerId)) consumer.close();
    for (const [seat, stream] of seating) await sit(seat, stream);
    if (!session.connected) return;
    for (const [producerId, consumer] of session.consumers) {
      if (room.start(consumer, producerId)) ladder.watch(consumer);
    }
  }

  async function sit(seat: Seat, stream: Published): Promise<void> {
    // Another stream than the answer names, or the same with other SSRCs: the player has to ask again.
    if (isAnswered && !isShown(seat, stream)) return session.close('codec-changed');
    const isPlayable = await room.consumeIn(seat.section.mid, session, capabilitiesOf(offer, seat, stream), stream);
    if (isPlayable) shown.set(seat, stream.producer.id);
    // A codec that was not answered: the player has to ask again.
    else if (!stream.producer.closed) session.close('codec-changed');
  }

  function isShown(seat: Seat, { producer: { id } }: Published): boolean {
    return shown.get(seat) === id && session.consumers.has(id);
  }
}

/**
 * Which stream each seat shows. Its publisher's, if they send; else one of somebody else that has no seat yet: a co-host's, until
 * the host is back. What a seat shows already it keeps, among equals.
 *
 * @param shown  producer ids
 */
export function seatingOf(
  seats: readonly Seat[],
  streams: readonly Published[],
  shown: ReadonlyMap<Seat, string>,
): Map<Seat, Published> {
  const isOwn = (seat: Seat, { ownerId, kind }: Published): boolean =>
    ownerId === seat.ownerId && kind === seat.section.type;
  const isShown = (seat: Seat, { producer }: Published): boolean => producer.id === shown.get(seat);
  const rules = [
    (seat: Seat, stream: Published) => isOwn(seat, stream) && isShown(seat, stream),
    isOwn,
    isShown,
    canCarry,
  ];

  const seating = new Map<Seat, Published>();
  const unseated = new Set(streams);
  for (const rule of rules) {
    for (const seat of seats) {
      const stream = seating.has(seat) ? undefined : [...unseated].find((each) => rule(seat, each));
      if (!stream) continue;
      seating.set(seat, stream);
      unseated.delete(stream);
    }
  }
  return seating;
}
