import { AppError } from '../shared/errors.ts';
import type { OfferedIce } from './ice-restarts.ts';
import type { Room } from './room/room.ts';
import type { Session, SessionRequest } from './room/session.ts';
import { remoteSdpOf, writeAnswer } from './sdp/answer.ts';
import { readOffer } from './sdp/offer.ts';
import { offeredStreams } from './sdp/publish-answer.ts';
import { answerSeat, asAnswer, needSsrcs, nobodyPublishes, seatStreams, settleDialect } from './sdp/watch-answer.ts';
import { keepSeated } from './seats.ts';
import type { MediaLog } from './log.ts';
import type { LossLadder } from './loss-ladder.ts';

/** A session that was made by one offer and one answer. */
export type Answered = { session: Session; answer: string; ice: OfferedIce };

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
      await room.produce(session, { kind, rtpParameters });
    }
    await session.transport.connect({ dtlsParameters: offer.dtlsParameters });
    const ice = { ufrag: offer.iceUfrag, section: streams[0]!.section };
    return { session, answer: writeAnswer(offer, remoteSdp), ice };
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
  needs: { ladder: LossLadder; log: MediaLog },
): Promise<Answered> {
  const offer = readOffer(text);
  if (!room) throw nobodyPublishes();
  const { seats, dialect } = settleDialect(seatStreams(offer, room.published()));
  const session = await room.openSession(request, dialect);
  return closingOnFailure(session, async () => {
    const remoteSdp = remoteSdpOf(session.transport, offer.dtlsParameters);
    await session.transport.connect({ dtlsParameters: offer.dtlsParameters });
    const { fill, encodingOf } = keepSeated({ room, session, offer, seats, ...needs });
    room.follow(session, () => void fill());
    session.transport.on('dtlsstatechange', (state) => state === 'connected' && void fill());
    const filled = fill();
    if (needSsrcs(seats)) await filled;
    if (session.closed) throw new AppError('RETRY', 'The streams of this room are changing.');
    for (const seat of seats) answerSeat(remoteSdp, offer, seat, encodingOf(seat));
    const ice = { ufrag: offer.iceUfrag, section: seats[0]!.section };
    return { session, answer: writeAnswer(offer, remoteSdp, asAnswer(offer)), ice };
  });
}

async function closingOnFailure(session: Session, work: () => Promise<Answered>): Promise<Answered> {
  try {
    return await work();
  } catch (error) {
    session.close('refused');
    throw error;
  }
}
