import type { HeldOrder } from '../../shared/protocol/offer.ts';
import type { Aggregates, RemovedReason, Room } from '../../shared/protocol/room.ts';
import type { ChatState } from '../../shared/protocol/chat.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import type { TypedEntry } from '../../shared/frames.ts';
import { AppError } from '../../shared/errors.ts';
import { ask, connected, onNotice } from '../session/connection.ts';
import type { Places } from '../sale/places.ts';
import { session } from '../session/session.ts';
import { createStore } from '../state/store.ts';
import { emptyFeed, withNews, type ChatNews } from './chat-feed.ts';
import { newsOf } from './news-of.ts';
import { withUnitsLeft, type Offers } from './offers.ts';
import { offersAfter } from './offers-after.ts';
import { talkAfter } from './talk-after.ts';
import type { RoomPhase, RoomSession } from './room-session.ts';

/** News reach the chat list this often at most: ten times a second reads as at once, and costs a tenth of the drawing. */
const showEveryMs = 100;
/** Removals that are no verdict of a person but "you may not": shown as the error they are. */
const refusals = new Set(['FORBIDDEN', 'NOT_FOUND']);

/** Enters a room: one set of values that follows it, over any number of connections, until `close`. */
export async function enterRoom(roomId: string): Promise<RoomSession> {
  const client = await connected();
  const phase = createStore<RoomPhase>({ phase: 'entering' });
  const room = createStore<Room | null>(null);
  const figures = createStore<Aggregates>({});
  const chat = createStore(emptyFeed);
  const talk = createStore<ChatState | null>(null);
  const giveaways = createStore<readonly Giveaway[]>([]);
  const offers = createStore<Offers>([]);
  const show = inBatches((news: ChatNews[]) => chat.update((feed) => withNews(feed, news)));

  const followed = client.room(roomId);
  const stops = [
    followed.on('snapshot', (snapshot) => {
      room.set(snapshot.room);
      chat.set(emptyFeed);
      show.add(snapshot.entries.flatMap((entry) => newsOf(entry, offers.get())));
      talk.set((snapshot.parts['chat'] as ChatState | undefined) ?? null);
      void readOffers();
      void readGiveaways();
    }),
    followed.on('entry', take),
    followed.on('omitted', (messages) => show.add([{ kind: 'omitted', atMs: client.clock.nowMs(), messages }])),
    followed.on('aggregates', (latest) => {
      figures.update((known) => ({ ...known, ...latest }));
      offers.update((known) => withUnitsLeft(known, latest));
    }),
    followed.on('state', (state) => {
      if (state === 'joined') phase.set({ phase: 'in' });
      else if (state === 'joining' && phase.get().phase === 'in') phase.set({ phase: 'away', sinceMs: Date.now() });
    }),
    followed.on('removed', ({ reason }) => {
      const isRefusal = refusals.has(reason);
      phase.set(
        isRefusal
          ? { phase: 'failed', error: new AppError(reason as 'FORBIDDEN') }
          : { phase: 'removed', reason: reason as RemovedReason },
      );
    }),
  ];

  return {
    roomId,
    myId: session.get()!.person.personId,
    client,
    phase,
    room,
    figures,
    chat,
    talk,
    offers,
    giveaways,
    places: createStore<Places>(new Map()),
    ask,
    onServed: (listener) => onNotice<{ order: HeldOrder }>('offer:served', ({ order }) => listener(order)),
    close() {
      for (const stop of stops) stop();
      show.stop();
      void followed.leave();
    },
  };

  function take(entry: TypedEntry): void {
    if (entry.kind === 'room:changed') room.set(entry.body);
    offers.update((known) => offersAfter(known, entry));
    talk.update((known) => talkAfter(known, entry));
    if (entry.kind.startsWith('giveaway:')) void readGiveaways();
    show.add(newsOf(entry, offers.get()));
  }

  async function readGiveaways(): Promise<void> {
    const list = await ask('giveaway:list', { roomId }).catch(() => null);
    if (list) giveaways.set(list.giveaways);
  }

  async function readOffers(): Promise<void> {
    const list = await ask('offer:list', { roomId }).catch(() => null);
    if (list) offers.set(withUnitsLeft(list.offers, figures.get()));
  }
}

/** Collects what comes and hands it on together. */
function inBatches<T>(handOn: (batch: T[]) => void) {
  let batch: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const ready = batch;
    batch = [];
    handOn(ready);
  };
  return {
    add(items: readonly T[]): void {
      if (items.length === 0) return;
      batch.push(...items);
      timer ??= setTimeout(flush, showEveryMs);
    },
    stop: () => clearTimeout(timer),
  };
}
