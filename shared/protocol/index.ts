import type { z } from 'zod';
import { actionCommands } from './action.ts';
import { addressCommands } from './address.ts';
import { audienceCommands } from './audience.ts';
import { catalogCommands, catalogNotices } from './catalog.ts';
import { chatCommands, chatNotices, chatRoomEvents } from './chat.ts';
import type { ClientToServer, RoomEvent, ServerToClient } from './define.ts';
import { fanClubCommands, fanClubEvents, fanClubNotices } from './fan-club.ts';
import { giveawayCommands, giveawayEvents, giveawayNotices } from './giveaway.ts';
import { offerCommands, offerEvents, offerNotices } from './offer.ts';
import { followCommands } from './follow.ts';
import { moderationCommands, moderationNotices, moderationRoomEvents } from './moderation.ts';
import { numbersCommands } from './numbers.ts';
import { orderCommands, orderNotices } from './order.ts';
import { outgoingCommands } from './outgoing.ts';
import { paymentCommands } from './payment.ts';
import { mediaCommands, mediaNotices, mediaRoomEvents } from './media.ts';
import { reminderCommands, reminderNotices } from './reminder.ts';
import { roomCommands, roomNotices, roomRoomEvents } from './room.ts';
import { sessionCommands, sessionNotices } from './session.ts';

export { protocolVersion } from './version.ts';

/** Every command the server knows. A command without a rule in server/app/policy.ts does not compile. */
export const commands = {
  ...sessionCommands,
  ...roomCommands,
  ...followCommands,
  ...reminderCommands,
  ...audienceCommands,
  ...numbersCommands,
  ...chatCommands,
  ...moderationCommands,
  ...actionCommands,
  ...catalogCommands,
  ...addressCommands,
  ...offerCommands,
  ...orderCommands,
  ...paymentCommands,
  ...outgoingCommands,
  ...fanClubCommands,
  ...giveawayCommands,
  ...mediaCommands,
};

/** Everything the server sends to one socket unasked. What happens in a room travels in `room:frame`. */
export const notices = {
  ...sessionNotices,
  ...roomNotices,
  ...chatNotices,
  ...moderationNotices,
  ...reminderNotices,
  ...catalogNotices,
  ...offerNotices,
  ...giveawayNotices,
  ...fanClubNotices,
  ...orderNotices,
  ...mediaNotices,
};

/** Every kind of entry a room log can have. Clients get them in `room:frame`, in the order of their offsets. */
export const roomEvents = {
  ...roomRoomEvents,
  ...chatRoomEvents,
  ...moderationRoomEvents,
  ...offerEvents,
  ...fanClubEvents,
  ...giveawayEvents,
  ...mediaRoomEvents,
};

export type RoomEvents = typeof roomEvents;
export type RoomEventName = Extract<keyof RoomEvents, string>;
/** What an entry of kind K says. */
export type RoomEventBody<K extends RoomEventName> = RoomEvents[K] extends RoomEvent<infer B> ? z.output<B> : never;

export type NoticeName = keyof typeof notices;
export type NoticeBody<N extends NoticeName> = z.output<(typeof notices)[N]>;

export type Commands = typeof commands;
export type CommandName = keyof Commands;
export type Input<E extends CommandName> = z.output<Commands[E]['input']>;
export type Output<E extends CommandName> = z.output<Commands[E]['output']>;
export type ClientToServerEvents = ClientToServer<Commands>;
export type ServerToClientEvents = ServerToClient<typeof notices>;
