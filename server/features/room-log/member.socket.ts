import type { GatewaySocket } from '../../gateway/call.ts';
import { outletOf, unreadBytesMax } from '../../gateway/frames.ts';
import type { Position } from '../../../shared/protocol/room.ts';
import type { Encoded, Frame, Member, Share } from './feed.ts';

/**
 * What a reader may leave unread, bytes, and what it loses beyond: first aggregates and ambient entries, then chat, then the connection.
 */
export const backlogLimits = { aggregates: 64 * 1024, chat: 256 * 1024, connection: unreadBytesMax } as const;

/** One socket of a person in one room. `at`: where its frames begin. */
export function createMember(
  socket: GatewaySocket,
  personId: string,
  at: Position,
): Member & { socket: GatewaySocket } {
  const outlet = outletOf(socket);
  let { offset } = at;
  let lacksAggregates = false;

  return {
    socket,
    take(offered: Frame): boolean {
      const frame = offered.as(personId);
      const backlog = outlet.backlogBytes();
      if (backlog > backlogLimits.connection) {
        outlet.endSlowReader();
        return true; // Nothing is owed to it any more.
      }
      const message = frame.isCut ? frame.whole() : choose(frame, backlog);
      if (!message) return false; // Told with the next frame that goes out: `omitted` counts from where the reader stands.
      offset = frame.to;
      outlet.write(message);
      return !lacksAggregates;
    },
  };

  function choose(frame: Frame, backlog: number): Encoded | null {
    const share = shareAt(backlog);
    if (share === 'all' && frame.from === offset && !lacksAggregates) return frame.whole();
    lacksAggregates = share !== 'all' && (lacksAggregates || frame.hasAggregates);
    if (share === 'important' && !frame.hasImportant) return null;
    return share === 'entries' && frame.from === offset ? frame.withoutAmbient() : frame.since(offset, share);
  }
}

function shareAt(backlog: number): Share {
  if (backlog > backlogLimits.chat) return 'important';
  return backlog > backlogLimits.aggregates ? 'entries' : 'all';
}
