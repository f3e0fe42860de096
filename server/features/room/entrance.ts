import { AppError } from '../../../shared/errors.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { Position, Room } from '../../../shared/protocol/room.ts';
import type { Feed, Member } from '../room-log/feed.ts';
import type { Feeds } from '../room-log/feeds.ts';
import { entryOf, visibleOf } from '../room-log/frame-text.ts';
import { changesState, type LogEntry } from '../room-log/log-line.ts';
import { asSeenBy } from '../room-log/unheard.ts';
import type { Snapshots } from './snapshots.ts';

type Joined = Output<'room:join'>;

type Needs = {
  feeds: Feeds;
  find: (roomId: string) => Promise<Room>;
  snapshots: Snapshots;
  /** Whether a person may be told so many entries more that they missed; each costs reading, parsing and printing. */
  mayCatchUp: (personId: string, entries: number) => boolean;
  nowMs: () => number;
};

/** Recent entries that come with a snapshot, at the most. */
const recentMax = 50;
/** Times the state is read because the room changed meanwhile; then the entries that change it come with it. */
const readsMax = 5;

/** Who wants to enter. */
type Newcomer = {
  personId: string;
  /** Where they stood; undefined at the first time. */
  position: Position | undefined;
  /** Asked late, because much can happen while a room is being read. @throws AppError FORBIDDEN when they may not be there now. */
  checkWelcome: () => Promise<void>;
  memberAt: (at: Position) => Member;
};

/** How people enter a room: with what they missed, or with a snapshot of what is. */
export function createEntrance({ feeds, find, snapshots, mayCatchUp, nowMs }: Needs) {
  const newestOf = new WeakMap<Feed, Shared>();
  snapshots.add('room', find);

  return {
    /**
     * The member gets frames from the position of the answer on: what came before is in the answer, and nothing is in both.
     *
     * @throws AppError FORBIDDEN when they were sent away while they came in.
     */
    async enter(roomId: string, { personId, position, checkWelcome, memberAt }: Newcomer): Promise<Joined> {
      const feed = await feeds.open(roomId);
      const missed = position && isPaidFor(personId, feed, position) ? await feeds.missedSince(feed, position) : null;
      const { found: snapshot, asOf } = await asOfNow(feed, async (asOf) => {
        await checkWelcome();
        return missed ? null : snapshotOf(roomId, asOf);
      });

      // From here to the end in one turn: no frame can leave in between.
      const entries = missed?.();
      if (entries === null) throw movedOn();
      const at = feeds.admit(feed, entries && position, memberAt);
      const seen = entries ? told(asSeenBy(personId, entries)) : newest(feed, asOf, personId);
      return { position: at, recovered: missed !== null, snapshot, ...seen, ...nowIn(feed) };
    },
  };

  /** A few entries cost no more than the snapshot that they spare. */
  function isPaidFor(personId: string, feed: Feed, { offset }: Position): boolean {
    const entries = feed.sent.offset - offset;
    return entries <= recentMax || mayCatchUp(personId, entries);
  }

  /** What there is to show, and before it whatever may have changed the state of the room since it was read. */
  function newest(feed: Feed, asOf: Position, personId: string): Told {
    if (feed.epoch === asOf.epoch && feed.stateOffset <= asOf.offset) return newestShown(feed, personId);
    const since = feed.since(asOf);
    if (!since) throw movedOn();
    const shown = feed.lastSent(recentMax, personId);
    const firstShown = shown[0]?.offset ?? 0;
    // What one of them takes back is looked for in all that came since, whether it is shown or not.
    const standing = visibleOf(since).entries;
    return told([...standing.filter((entry) => changesState(entry) && entry.offset < firstShown), ...shown]);
  }

  function newestShown(feed: Feed, personId: string): Told {
    const { seen, unheardOf } = newestShared(feed);
    return unheardOf.has(personId) ? told(feed.lastSent(recentMax, personId)) : seen;
  }

  /** The same for all who come between two frames: in a busy room reading fifty entries costs more than the rest of a join. */
  function newestShared(feed: Feed): Shared {
    const at = feed.sent;
    const known = newestOf.get(feed);
    if (known?.at.epoch === at.epoch && known.at.offset === at.offset) return known;
    const shared = { at, seen: told(feed.lastSent(recentMax)), unheardOf: feed.unheardSenders() };
    newestOf.set(feed, shared);
    return shared;
  }

  /** What `read` says, read again when something came into the log meanwhile that may have changed it. */
  async function asOfNow<T>(feed: Feed, read: (asOf: Position) => Promise<T>): Promise<{ found: T; asOf: Position }> {
    for (let reads = 1; ; reads += 1) {
      const asOf = { epoch: feed.epoch, offset: feed.stateOffset };
      const found = await read(asOf);
      const isSo = feed.epoch === asOf.epoch && feed.stateOffset === asOf.offset;
      if (isSo || reads === readsMax) return { found, asOf };
    }
  }

  async function snapshotOf(roomId: string, asOf: Position) {
    const { room, ...parts } = await snapshots.of(roomId, asOf);
    return { room: room as Room, parts, asOf: asOf.offset };
  }

  function nowIn(feed: Feed) {
    return { aggregates: feed.aggregates(), serverNowMs: nowMs() };
  }
}

const movedOn = () => new AppError('RETRY', 'The room moved on too fast; join again.');

type Told = Pick<Joined, 'entries' | 'omitted'>;
/** `unheardOf`: for whom it is another one. */
type Shared = { at: Position; seen: Told; unheardOf: ReadonlySet<string> };

function told(stretch: readonly LogEntry[]): Told {
  const { entries, omitted } = visibleOf(stretch);
  return { entries: entries.map(entryOf), omitted };
}
