import type { Gateway } from '../../gateway/gateway.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import { registerChat } from './chat.commands.ts';
import { createChat } from './chat.ts';

export function createChatFeature({ log, rooms }: { log: RoomLog; rooms: Rooms }) {
  const chat = createChat({ rooms, log });
  return { register: (gateway: Gateway): void => registerChat(gateway, chat) };
}
