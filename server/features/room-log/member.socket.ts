import type { GatewaySocket } from '../../gateway/call.ts';
import { outletOf } from '../../gateway/frames.ts';
import type { Position } from '../../../shared/protocol/room.ts';
import type { Frame, Member } from './feed.ts';

/**
 * What a reader may leave unread, bytes, and what it loses beyond: first aggregates, then chat, then the connection. The last
 * bounds what one socket can cost this gateway.
 */
export const backlogLimits = { aggregates: 64 * 1024, chat: 256 * 1024, connection: 1024 * 1024 } as const;

/** One socket in one room. `at`: where its frames begin. */
export function createMember(socket: GatewaySocket, at: Position): Member & { socket: GatewaySocket } {
  const outlet = outletOf(socket);
  let { epoch, offset } = at;
  let ended = false;

  return {
    socket,
    take(frame: Frame): void {
      const backlog = outlet.backlogBytes();
      if (backlog > backlogLimits.connection) return end();
      const message = frame.epoch === epoch ? choose(frame, backlog) : frame.whole();
      if (!message) return; // Told with the next frame that goes out: `omitted` counts from where the reader stands.
      epoch = frame.epoch;
      offset = frame.to;
      outlet.write(message);
    },
  };

  function choose(frame: Frame, backlog: number) {
    if (backlog > backlogLimits.chat) return frame.hasImportant ? frame.since(offset, 'important') : null;
    if (frame.from !== offset) return frame.since(offset, 'all');
    return backlog > backlogLimits.aggregates ? frame.withoutAggregates() : frame.whole();
  }

  function end(): void {
    if (ended) return;
    ended = true;
    outlet.endSlowReader();
  }
}
