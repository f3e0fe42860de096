import type { Room } from './room/room.ts';
import type { Session, SessionRequest } from './room/session.ts';
import { remoteSdpOf, writeAnswer } from './sdp/answer.ts';
import { readOffer, type Offer } from './sdp/offer.ts';
import { offeredStreams } from './sdp/publish-answer.ts';
import {
  answerSeat,
  asAnswer,
  capabilitiesOf,
  dialectFor,
  nobodyPublishes,
  seatStreams,
  type Seat,
} from './sdp/watch-answer.ts';
import type { LossLadder } from './loss-ladder.ts';

/** A session that was made by one offer and one answer. */
export type Answered = { session: Session; answer: string; iceUfrag: string };

/**
 * WHIP: everything the offer sends is taken, and flows as soon as the handshake is through.
 *
 * @param takeRoom asked only once the offer is known to be good: a room without a session would stay for ever
 */
export async function publishByOffer(takeRoom: () => Room, request: SessionRequest, text: string): Promise<Answered> {
  const offer = readOffer(text);
  const streams = offeredStreams(offer);
  const room = takeRoom();
  const session = await room.openSession(request);
  return closingOnFailure(session, async () => {
    const remoteSdp = remoteSdpOf(session.transport, offer.dtlsParameters);
    for (const { kind, rtpParameters, answerTo } of streams) {
      answerTo(remoteSdp);
      await room.produce(session, kind, rtpParameters);
    }
    await session.transport.connect({ dtlsParameters: offer.dtlsParameters });
    return { session, answer: writeAnswer(offer, remoteSdp), iceUfrag: offer.iceUfrag };
  });
}

/**
 * WHEP: each receiving section gets a stream, and keeps getting that publisher's when they come back elsewhere.
 *
 * @param room none while nobody has a session in it
 */
export async function playByOffer(
  room: Room | undefined,
  request: SessionRequest,
  text: string,
  ladder: LossLadder,
): Promise<Answered> {
  const offer = readOffer(text);
  if (!room) throw nobodyPublishes();
  const seats = seatStreams(offer, room.published());
  const session = await room.openSession(request, dialectFor(seats));
  return closingOnFailure(session, async () => {
    const remoteSdp = remoteSdpOf(session.transport, offer.dtlsParameters);
    for (const seat of seats) answerSeat(remoteSdp, offer, seat);
    await session.transport.connect({ dtlsParameters: offer.dtlsParameters });
    const fill = (): void => void fillSeats(room, session, offer, seats, ladder);
    room.follow(session, fill);
    session.transport.on('dtlsstatechange', (state) => state === 'connected' && fill());
    fill();
    return { session, answer: writeAnswer(offer, remoteSdp, asAnswer(offer)), iceUfrag: offer.iceUfrag };
  });
}

/** Gives every seat the stream its publisher sends now, and lets what is seated flow once the player is connected. */
async function fillSeats(room: Room, session: Session, offer: Offer, seats: Seat[], ladder: LossLadder): Promise<void> {
  const streams = room.published();
  for (const seat of seats) {
    const current = streams.find(({ ownerId, kind }) => ownerId === seat.ownerId && kind === seat.section.type);
    if (!current) continue;
    const seated = room.consumeIn(seat.section.mid, session, capabilitiesOf(offer, seat), current);
    // What fails is a worker that dies: the session goes with it, or gets the stream when it comes from elsewhere.
    const isPlayable = await seated.catch(() => true);
    // Another codec than was answered: the player has to ask again.
    if (!isPlayable && !current.producer.closed) return session.close('codec-changed');
  }
  if (!session.connected) return;
  for (const [producerId, consumer] of session.consumers) {
    if (room.start(consumer, producerId)) ladder.watch(consumer);
  }
}

async function closingOnFailure(session: Session, work: () => Promise<Answered>): Promise<Answered> {
  try {
    return await work();
  } catch (error) {
    session.close('left');
    throw error;
  }
}
