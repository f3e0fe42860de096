import type { Gateway } from '../../gateway/gateway.ts';
import type { Chat } from './chat.ts';

export function registerChat(gateway: Gateway, chat: Chat): void {
  gateway.expose('chat:send', (viewer, input) => chat.send(viewer, input));
}
