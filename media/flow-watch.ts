import type { MediaEvent } from '../shared/media-link.ts';
import { mediaProcessLimits } from './limits.ts';
import type { Room } from './room/room.ts';
import type { Session } from './room/session.ts';

/** What one publisher of one room sends, over however many sessions in a row. */
type Flow = {
  roomId: string;
  ownerId: string;
  sessionId: string;
  packets: number;
  lastPacketAtMs: number;
  flowing: boolean;
};
type Needs = { nowMs: () => number; tell(event: MediaEvent): void };

/** mediasoup itself waits for a worker for ever. */
const statsWithinMs = 1_000;

/** Tells when the first packet of a publisher arrives, and when none has for a while. */
export function createFlowWatch({ nowMs, tell }: Needs) {
  /** By room and owner. */
  const flows = new Map<string, Flow>();
  let looking = false;

  return {
    /** Packets of this session have come lately. */
    isFlowing: ({ roomId, ownerId, sessionId }: Session): boolean =>
      flows.get(keyOf(roomId, ownerId))?.sessionId === sessionId,
    /** Looks at every publisher once; a look that is still running is not joined by another. */
    async look(rooms: Iterable<Room>): Promise<void> {
      if (looking) return;
      looking = true;
      try {
        const sessions = [...rooms].flatMap((room) => [...room.sessions().values()].filter(isPublisher));
        await Promise.all(sessions.map(lookAt));
        for (const [key, flow] of flows) endIfSilent(key, flow);
      } finally {
        looking = false;
      }
    },
  };

  async function lookAt(session: Session): Promise<void> {
    const packets = await packetsOf(session);
    if (packets === 0) return;
    const { roomId, ownerId, sessionId } = session;
    const key = keyOf(roomId, ownerId);
    const flow = flows.get(key) ?? { roomId, ownerId, sessionId, packets: 0, lastPacketAtMs: 0, flowing: false };
    const isOther = flow.sessionId !== sessionId;
    if (!isOther && packets === flow.packets) return;
    Object.assign(flow, { sessionId, packets, lastPacketAtMs: nowMs() });
    flows.set(key, flow);
    if (!flow.flowing || isOther) tell({ type: 'flowing', roomId, ownerId, sessionId });
    flow.flowing = true;
  }

  function endIfSilent(key: string, { roomId, ownerId, sessionId, lastPacketAtMs }: Flow): void {
    if (nowMs() - lastPacketAtMs <= mediaProcessLimits.silentAfterMs) return;
    flows.delete(key);
    tell({ type: 'silent', roomId, ownerId, sessionId });
  }
}

const keyOf = (roomId: string, ownerId: string): string => `${roomId} ${ownerId}`;

const isPublisher = ({ direction, connected }: Session): boolean => direction === 'publish' && connected;

/** Packets received over a session so far. A worker that does not answer in time has none to tell of, and holds up no other. */
async function packetsOf({ producers }: Session): Promise<number> {
  const read = [...producers.values()].map((producer) => producer.getStats().catch(() => []));
  const stats = await Promise.all(read.map((one) => Promise.race([one, after(statsWithinMs)])));
  return stats.flat().reduce((sum, { packetCount }) => sum + packetCount, 0);
}

const after = (ms: number): Promise<[]> => new Promise((resolve) => setTimeout(resolve, ms, []));
