import { newId } from '../../../shared/ids.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import type { ChatMessage, SendOutcome } from '../../../shared/protocol/chat.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';

export type Speaker = { personId: string; name: string };

type Needs = { rooms: Rooms; log: RoomLog };

/** What people say in a room. */
export function createChat({ rooms, log }: Needs) {
  return {
    async send(speaker: Speaker, { roomId, text, key, mentions }: Input<'chat:send'>): Promise<SendOutcome> {
      const relations = await rooms.relations(roomId, speaker.personId);
      const badge = (['host', 'moderator', 'assistant'] as const).find((role) => relations.has(role)) ?? null;
      const message: ChatMessage = {
        messageId: newId(),
        senderId: speaker.personId,
        senderName: speaker.name,
        badge,
        fanLevel: null,
        text,
        replyTo: null,
        mentions,
      };
      const { epoch, offset } = await log.append(roomId, 'chat:message', message, {
        senderId: speaker.personId,
        clientKey: key,
        entryId: message.messageId,
        lane: badge ? 'host' : 'chat',
      });
      return { outcome: 'sent', message, position: { epoch, offset } };
    },
  };
}

export type Chat = ReturnType<typeof createChat>;
