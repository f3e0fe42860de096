import type { Producer } from 'mediasoup/types';
import type { Muted } from '../../shared/media-link.ts';
import type { MediaKind } from '../../shared/protocol/media.ts';
import { setNewest } from '../../shared/newest.ts';

/** People of one room whose mutes are remembered. Beyond: the oldest is forgotten; the gateway tells it again with their session. */
const peopleMax = 100;

export type Mutes = ReturnType<typeof createMutes>;

/** Whom nobody is to hear or see in a room, as the gateway told it last. */
export function createMutes() {
  const byOwner = new Map<string, Muted>();

  return {
    has,
    /** What was decided earlier and comes later changes nothing. */
    set(ownerId: string, muted: Muted): void {
      const known = byOwner.get(ownerId);
      if (known && known.version >= muted.version) return;
      setNewest(byOwner, ownerId, muted, peopleMax);
    },
    /** Brings a stream in line, also with what is decided while its worker is being asked. False when it was. */
    async apply(ownerId: string, producer: Producer): Promise<boolean> {
      const before = producer.paused;
      while (!producer.closed && producer.paused !== has(ownerId, producer.kind)) {
        await (producer.paused ? producer.resume() : producer.pause()).catch((error: unknown) => {
          if (!producer.closed) throw error;
        });
      }
      return producer.paused !== before;
    },
  };

  function has(ownerId: string, kind: MediaKind): boolean {
    return byOwner.get(ownerId)?.kinds.includes(kind) ?? false;
  }
}
