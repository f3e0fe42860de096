import type { MediaEvent } from '../shared/media-link.ts';
import { mediaProcessLimits } from './limits.ts';
import { statsOf } from './stats.ts';
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
type Needs = {
  nowMs: () => number;
  tell(event: MediaEvent): void;
  /** Hears at every look how much has come over a session so far. */
  onReceived(session: Session, bytes: number): void;
};

/** Tells when the first packet of a publisher arrives, and when none has for a while. */
export function createFlowWatch({ nowMs, tell, onReceived }: Needs) {
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
        const sessions = [...rooms].flatMap((room) => [...room.publishing()].filter(({ connected }) => connected));
        await Promise.all(sessions.map(lookAt));
        for (const [key, flow] of flows) endIfSilent(key, flow);
      } finally {
        looking = false;
      }
    },
  };

  async function lookAt(session: Session): Promise<void> {
    const received = await receivedOver(session);
    if (!received || session.closed) return;
    const { packets, bytes } = received;
    onReceived(session, bytes);
    if (packets === 0 || isClosed(session)) return; // It may have sent too much.
    const { roomId, ownerId, sessionId } = session;
    const key = keyOf(roomId, ownerId);
    const flow = flows.get(key) ?? { roomId, ownerId, sessionId, packets: 0, lastPacketAtMs: 0, flowing: false };
    const isOther = flow.sessionId !== sessionId;
    if (!isOther && packets === flow.packets) return;
    Object.assign(flow, { sessionId, packets, lastPacketAtMs: nowMs() });
    flows.set(key, flow);
    const { keyId, tookOver } = session;
    if (!flow.flowing || isOther) tell({ type: 'flowing', roomId, ownerId, sessionId, keyId, tookOver });
    flow.flowing = true;
  }

  function endIfSilent(key: string, { roomId, ownerId, sessionId, lastPacketAtMs }: Flow): void {
    if (nowMs() - lastPacketAtMs <= mediaProcessLimits.silentAfterMs) return;
    flows.delete(key);
    tell({ type: 'silent', roomId, ownerId, sessionId });
  }
}

/** A call, as its value may change from one line to the next. */
const isClosed = ({ closed }: Session): boolean => closed;

const keyOf = (roomId: string, ownerId: string): string => `${roomId} ${ownerId}`;

/** Received over a session so far. Null from a worker that does not answer in time. */
async function receivedOver({ producers }: Session): Promise<{ packets: number; bytes: number } | null> {
  const stats = await statsOf(producers.values());
  if (!stats) return null;
  return {
    packets: stats.reduce((sum, { packetCount }) => sum + packetCount, 0),
    bytes: stats.reduce((sum, { byteCount }) => sum + byteCount, 0),
  };
}
