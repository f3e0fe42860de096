import type { CoHosts, CoHostsTold } from '../../shared/protocol/media.ts';
import type { HeldOrder } from '../../shared/protocol/offer.ts';
import type { Aggregates, RemovedReason, Room } from '../../shared/protocol/room.ts';
import type { ChatState } from '../../shared/protocol/chat.ts';
import type { TypedEntry } from '../../shared/frames.ts';
import type { NoticeBody } from '../../shared/protocol/index.ts';
import { AppError } from '../../shared/errors.ts';
import { ask, connected, onNotice } from '../session/connection.ts';
import { seeGiveaways } from '../giveaway/evidence.ts';
import { createCart } from '../sale/cart.ts';
import type { Places } from '../sale/places.ts';
import { session } from '../session/session.ts';
import { createStore } from '../state/store.ts';
import { begunAnew, emptyFeed, withNews, type ChatNews, type OwnEvent } from './chat-feed.ts';
import { giveawaysAfter, type Giveaways } from './giveaways-after.ts';
import { newsOf } from './news-of.ts';
import { withUnitsLeft, type Offers } from './offers.ts';
import { offersAfter } from './offers-after.ts';
import { createReading } from './reading.ts';
import { talkAfter } from './talk-after.ts';
import { missedNotices, type Missed, type RoomPhase, type RoomSession } from './room-session.ts';

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
  const coHosting = createStore<CoHostsTold>({ coHosts: [], hostMuted: [] });
  const giveaways = createStore<Giveaways>([]);
  const offers = createStore<Offers>([]);
  const cart = createCart(roomId, ask);
  const servedListeners = new Set<(order: HeldOrder) => void>();
  const backListeners = new Set<(missed: Missed) => void>();
  const readingOffers = createReading({
    read: async () => (await ask('offer:list', { roomId })).offers as Offers,
    after: offersAfter,
    show: (list) => offers.set(withUnitsLeft(list, figures.get())),
  });
  const show = inBatches((news: ChatNews[]) => chat.update((feed) => withNews(feed, news)));

  /** Why one was sent away, in the words of who did it: told before it, most often. */
  let toldWhy: string | null = null;
  /** Being counted while one is coming back; null otherwise. */
  let missed: Missed | null = null;

  const followed = client.room(roomId);
  const stops = [
    followed.on('snapshot', (snapshot) => {
      room.set(snapshot.room);
      if (missed) missed = 'unknown';
      show.drop(); // Of before.
      chat.update(begunAnew);
      show.add(snapshot.entries.flatMap(newsOf));
      show.flush(); // At once: for a moment the talk would look as if nobody had said anything.
      talk.set((snapshot.parts['chat'] as ChatState | undefined) ?? null);
      if (snapshot.parts['coHosts']) coHosting.set(snapshot.parts['coHosts'] as CoHosts);
      const known = (snapshot.parts['giveaways'] as Giveaways | undefined) ?? [];
      giveaways.set(snapshot.changes.reduce((list, entry) => giveawaysAfter(list, roomId, entry), known));
      snapshot.changes.forEach(follow);
      const isSilent = !snapshot.entries.some(({ kind }) => kind === 'chat:message');
      if (snapshot.room.kind === 'group' && isSilent) void readBack();
      readingOffers.again();
    }),
    followed.on('entry', take),
    giveaways.subscribe(() => seeGiveaways(giveaways.get())),
    followed.on('omitted', (messages) => {
      count(messages);
      show.add([{ kind: 'omitted', atMs: client.clock.nowMs(), messages }]);
    }),
    followed.on('aggregates', (latest) => {
      figures.update((known) => ({ ...known, ...latest }));
      offers.update((known) => withUnitsLeft(known, latest));
    }),
    followed.on('state', (state) => {
      if (state === 'joined') {
        if (phase.get().phase === 'away') tellBack();
        phase.set({ phase: 'in' });
      } else if (state === 'joining' && phase.get().phase === 'in') phase.set({ phase: 'away', sinceMs: Date.now() });
    }),
    followed.on('removed', ({ reason, untilMs = null, detail }) => {
      const isRefusal = refusals.has(reason);
      phase.set(
        isRefusal
          ? { phase: 'failed', error: new AppError(reason as 'FORBIDDEN') }
          : { phase: 'removed', reason: reason as RemovedReason | 'fans-only', untilMs, why: detail ?? toldWhy },
      );
    }),
    onNotice<NoticeBody<'chat:rejected'>>('chat:rejected', ({ roomId: inRoomId, ...rejected }) => {
      if (inRoomId === roomId) tell({ what: 'rejected', ...rejected });
    }),
    onNotice<NoticeBody<'moderation:told'>>('moderation:told', (told) => {
      if (told.roomId !== roomId) return;
      if (told.kind === 'ban' || told.kind === 'kick') return sentAway(told.reason);
      const forMs = told.untilMs === null ? null : told.untilMs - client.clock.nowMs();
      tell({ what: 'muted', forMs, reason: told.reason });
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
    coHosting,
    offers,
    giveaways,
    places: createStore<Places>(new Map()),
    cart,
    offersState: readingOffers.state,
    readOffers: readingOffers.again,
    ask,
    said: (message) => show.add([{ kind: 'message', atMs: client.clock.nowMs(), message }]),
    waits: ({ message: { messageId, text }, decision }) =>
      tell(decision ? { what: 'rejected', messageId, text, why: 'moderator' } : { what: 'waits', messageId, text }),
    onBack(listener) {
      backListeners.add(listener);
      return () => void backListeners.delete(listener);
    },
    served: (order) => servedListeners.forEach((listener) => listener(order)),
    onServed(listener) {
      servedListeners.add(listener);
      const stop = onNotice<{ order: HeldOrder }>('offer:served', ({ order }) => {
        if (order.roomId === roomId) listener(order); // Of other rooms a bar tells, like on all pages.
      });
      return () => {
        stop();
        servedListeners.delete(listener);
      };
    },
    onMissed(listener) {
      const stopped = missedNotices.map((notice) =>
        onNotice<{ roomId: string; offerId: string }>(notice, (missed) => {
          if (missed.roomId === roomId) listener(missed.offerId, notice);
        }),
      );
      return () => stopped.forEach((stop) => stop());
    },
    close() {
      for (const stop of stops) stop();
      show.drop();
      readingOffers.stop();
      cart.stop();
      void followed.leave();
    },
  };

  function sentAway(why: string | null): void {
    toldWhy = why;
    const known = phase.get();
    if (known.phase === 'removed') phase.set({ ...known, why });
  }

  function tell(event: OwnEvent): void {
    show.add([{ kind: 'system', atMs: client.clock.nowMs(), event }]);
  }

  function take(entry: TypedEntry): void {
    follow(entry);
    if (entry.kind === 'chat:message') count(1);
    if (entry.kind.startsWith('offer:')) readingOffers.heard(entry);
    offers.update((known) => offersAfter(known, entry));
    giveaways.update((known) => giveawaysAfter(known, roomId, entry));
    show.add(newsOf(entry));
  }

  function follow(entry: TypedEntry): void {
    if (entry.kind === 'room:changed') room.update((known) => newerOf(known, entry.body));
    talk.update((known) => talkAfter(known, entry));
    if (entry.kind === 'media:co-hosts') coHosting.set(entry.body);
  }

  /** The log of a group is forgotten when nobody came for a week; the group goes on, and what was said is in the archive. */
  async function readBack(): Promise<void> {
    const { entries } = await ask('chat:history', { roomId }).catch(() => ({ entries: [] }));
    if (chat.get().lines.some(({ kind }) => kind === 'message')) return; // Somebody spoke meanwhile: what is older would come behind it.
    show.add((entries as TypedEntry[]).toReversed().flatMap(newsOf));
  }

  /** What was missed comes right behind the word that one is back, before anything else can. */
  function tellBack(): void {
    missed = { messages: 0 };
    queueMicrotask(() => {
      const told = missed ?? { messages: 0 };
      missed = null;
      for (const listener of backListeners) listener(told);
    });
  }

  function count(messages: number): void {
    if (missed && missed !== 'unknown') missed = { messages: missed.messages + messages };
  }
}

/** Two changes at once may be told in either order. */
const newerOf = (known: Room | null, told: Room): Room => (known && known.version > told.version ? known : told);

/** Collects what comes and hands it on together. */
function inBatches<T>(handOn: (batch: T[]) => void) {
  let batch: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const ready = batch;
    batch = [];
    handOn(ready);
  };
  return {
    flush,
    add(items: readonly T[]): void {
      if (items.length === 0) return;
      batch.push(...items);
      timer ??= setTimeout(flush, showEveryMs);
    },
    drop(): void {
      clearTimeout(timer);
      timer = undefined;
      batch = [];
    },
  };
}
