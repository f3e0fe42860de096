import { createShortMemory } from '../../platform/short-memory.ts';
import type { Archived } from '../room-log/archive-listeners.ts';
import { foldedText } from './folded-text.ts';
import type { GiveawayStore } from './giveaways.ts';
import type { WatchTime } from './watch-time.ts';

type Wanted = { roomId: string; giveawayId: string; keyword: string; publishedAtMs: number; closesAtMs: number };
type Needs = { store: Pick<GiveawayStore, 'openIn'>; watchTime: Pick<WatchTime, 'noteSaid'>; nowMs: () => number };

/** Keywords of a room are believed this long, ms: a gateway that nobody is in at the moment does not hear what is published there. */
const freshMs = 5_000;
/** Rooms remembered. */
const keysMax = 1_000;

/** Hears what is said for the keywords that giveaways ask for. Hearing it twice notes it once. */
export function createKeywords({ store, watchTime, nowMs }: Needs) {
  const byRoom = createShortMemory({ read: (roomId) => wantedIn([roomId]), freshMs, keysMax, nowMs });

  return {
    /** What is said through this gateway, at once: whoever says it enters the moment after. */
    async hear(roomId: string, personId: string, text: string): Promise<void> {
      const wanted = await byRoom.of(roomId);
      const line = { roomId, atMs: nowMs(), body: { senderId: personId, text } };
      if (wanted.length > 0) await note(wanted, [line]); // As a rule nothing is spent on a line nobody waits for.
    },
    /** What was said anywhere, also through a gateway that died before it heard it. */
    async hearAgain(said: readonly Archived<'chat:message'>[]): Promise<void> {
      await note(await wantedIn([...new Set(said.map(({ roomId }) => roomId))]), said);
    },
    /** A giveaway was published: look again. */
    forget: byRoom.forget,
  };

  async function note(wanted: readonly Wanted[], said: readonly Said[]): Promise<void> {
    const rooms = new Set(wanted.map(({ roomId }) => roomId));
    const lines = said
      .filter(({ roomId }) => rooms.has(roomId))
      .map(({ body, ...line }) => ({ ...line, personId: body.senderId, folded: foldedText(body.text) }));
    for (const { keyword, publishedAtMs, ...giveaway } of wanted) {
      const { roomId, closesAtMs } = giveaway;
      const stoodAt = (atMs: number): boolean => atMs >= publishedAtMs && atMs < closesAtMs;
      const heard = lines.filter(
        (line) => line.roomId === roomId && stoodAt(line.atMs) && line.folded.includes(keyword),
      );
      if (heard.length > 0) await watchTime.noteSaid(giveaway, [...new Set(heard.map(({ personId }) => personId))]);
    }
  }

  async function wantedIn(roomIds: readonly string[]): Promise<Wanted[]> {
    return (await store.openIn(roomIds)).flatMap(
      ({ roomId, giveawayId, publishedAtMs, rules: { tasks, closesAtMs } }) =>
        tasks
          .filter((task) => task.task === 'comment')
          .map(({ keyword }) => ({ roomId, giveawayId, keyword: foldedText(keyword), publishedAtMs, closesAtMs })),
    );
  }
}

type Said = { roomId: string; atMs: number; body: { senderId: string; text: string } };
