import type { MediaEvent } from '../shared/media-link.ts';
import { mediaProcessLimits } from './limits.ts';
import type { Room } from './room/room.ts';

type Flow = { packets: number; lastPacketAtMs: number; flowing: boolean };
type Needs = { nowMs: () => number; tell(event: MediaEvent): void };

/** Tells when the first packet of a room's publishers arrives, and when none has for a while. */
export function createFlowWatch({ nowMs, tell }: Needs) {
  const flows = new Map<string, Flow>();
  let looking = false;

  return {
    /** Looks at every room once; a look that is still running is not joined by another. */
    async look(rooms: Iterable<Room>): Promise<void> {
      if (looking) return;
      looking = true;
      await Promise.all([...rooms].map((room) => lookAt(room))).finally(() => (looking = false));
    },
    /** The room is no more; nothing flows in it. */
    forget(roomId: string): void {
      const flow = flows.get(roomId);
      flows.delete(roomId);
      if (flow?.flowing) tell({ type: 'silent', roomId });
    },
  };

  async function lookAt(room: Room): Promise<void> {
    const { roomId } = room;
    const packets = await packetsOf(room);
    const flow = flows.get(roomId) ?? { packets: 0, lastPacketAtMs: nowMs(), flowing: false };
    // Fewer than before: another publisher, who counts from the beginning.
    if (packets !== flow.packets && packets > 0) flow.lastPacketAtMs = nowMs();
    const arrives = packets !== flow.packets && packets > 0;
    const isSilent = packets === 0 || nowMs() - flow.lastPacketAtMs > mediaProcessLimits.silentAfterMs;
    flow.packets = packets;
    if (room.sessions().size > 0) flows.set(roomId, flow);
    if (arrives && !flow.flowing) {
      flow.flowing = true;
      tell({ type: 'flowing', roomId });
    } else if (isSilent && flow.flowing) {
      flow.flowing = false;
      tell({ type: 'silent', roomId });
    }
  }
}

/** Packets received from all publishers of a room that are connected now. */
async function packetsOf(room: Room): Promise<number> {
  const stats = await Promise.all(room.published().map(({ producer }) => producer.getStats().catch(() => [])));
  return stats.flat().reduce((sum, { packetCount }) => sum + packetCount, 0);
}
