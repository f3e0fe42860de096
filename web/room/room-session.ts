import type { Aggregates, RemovedReason, Room } from '../../shared/protocol/room.ts';
import type { ChatMessage, ChatState } from '../../shared/protocol/chat.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import type { CoHostsTold } from '../../shared/protocol/media.ts';
import type { HeldOrder } from '../../shared/protocol/offer.ts';
import type { Client } from '../../shared/client/client.ts';
import type { Request } from '../../shared/client/requests.ts';
import type { Cart } from '../sale/cart.ts';
import type { Places } from '../sale/places.ts';
import type { Store } from '../state/store.ts';
import type { ChatFeed } from './chat-feed.ts';
import type { Held } from './chat-refusal.ts';
import type { Offers } from './offers.ts';
import type { ReadingState } from './reading.ts';

/** `why`: what a moderator wants one to know. `away`: the connection is lost and being restored; what is shown may be old. `failed`: it will not come back by itself. */
export type RoomPhase =
  | { phase: 'entering' }
  | { phase: 'in' }
  | { phase: 'away'; sinceMs: number }
  | { phase: 'removed'; reason: RemovedReason | 'fans-only'; untilMs: number | null; why: string | null }
  | { phase: 'failed'; error: unknown };

/** How waiting may end without a unit: the offer has ended, or they may not buy. */
export const missedNotices = ['offer:missed', 'offer:passed'] as const;
export type MissedNotice = (typeof missedNotices)[number];

export type Ask = Request;

/** What was said while one was away; `unknown` after so long that the room began anew. */
export type Missed = { messages: number } | 'unknown';

/** One person in one room: what is known of it, and the way to ask for more. Shared by the viewer's room and the studio. */
export type RoomSession = {
  roomId: string;
  myId: string;
  client: Client;
  phase: Store<RoomPhase>;
  room: Store<Room | null>;
  figures: Store<Aggregates>;
  chat: Store<ChatFeed>;
  /** How people may chat, and what is pinned; null until known. */
  talk: Store<ChatState | null>;
  /** Who publishes besides the host, or is invited to. */
  coHosting: Store<CoHostsTold>;
  offers: Store<Offers>;
  /** Whether `offers` is known yet: no offers and not known are two things. */
  offersState: Store<ReadingState>;
  readOffers(): void;
  giveaways: Store<readonly Giveaway[]>;
  /** The waiting lists one is on. */
  places: Store<Places>;
  cart: Cart;
  ask: Ask;
  /** Shows what one has said oneself: in a crowd, or to a reader who is too slow, it may come in no frame. */
  said(message: ChatMessage): void;
  /** Shows that it waits for a moderator, until it is said or rejected. */
  waits(held: Held): void;
  /** Calls back when a lost connection is restored; returns how to stop. */
  onBack(listener: (missed: Missed) => void): () => void;
  /** Says that units one waited for are held: the notice of it was lost. */
  served(order: HeldOrder): void;
  /** Calls back when units one waited for are held for one; returns how to stop. */
  onServed(listener: (order: HeldOrder) => void): () => void;
  /** Calls back when an offer one waited for has ended; returns how to stop. */
  onMissed(listener: (offerId: string, notice: MissedNotice) => void): () => void;
  close(): void;
};
