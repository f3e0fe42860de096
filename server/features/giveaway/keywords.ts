import { createShortMemory } from '../../platform/short-memory.ts';
import { foldedText } from './folded-text.ts';
import type { GiveawayStore } from './giveaways.ts';
import type { WatchTime } from './watch-time.ts';

type Wanted = { giveawayId: string; keyword: string; closesAtMs: number };
type Needs = { store: Pick<GiveawayStore, 'ofRoom'>; watchTime: Pick<WatchTime, 'noteSaid'>; nowMs: () => number };

/** Keywords of a room are believed this long, ms: a gateway that nobody is in at the moment does not hear what is published there. */
const freshMs = 5_000;
/** Rooms remembered. */
const keysMax = 1_000;
const giveawaysMax = 20;

/** Hears what is said through this gateway for the keywords that giveaways ask for. */
export function createKeywords({ store, watchTime, nowMs }: Needs) {
  const byRoom = createShortMemory({ read, freshMs, keysMax, nowMs });

  return {
    /** Notes that somebody said what an open giveaway wants to hear. Hearing it twice notes it once. */
    async hear(roomId: string, personId: string, text: string): Promise<void> {
      const wanted = await byRoom.of(roomId);
      if (wanted.length === 0) return; // As a rule: nothing is spent on a line nobody waits for.
      const said = foldedText(text);
      for (const { giveawayId, keyword, closesAtMs } of wanted)
        if (nowMs() < closesAtMs && said.includes(keyword))
          await watchTime.noteSaid({ roomId, giveawayId, closesAtMs }, personId);
    },
    /** A giveaway was published: look again. */
    forget: byRoom.forget,
  };

  async function read(roomId: string): Promise<Wanted[]> {
    const open = (await store.ofRoom(roomId, giveawaysMax)).filter(({ state }) => state === 'published');
    return open.flatMap(({ giveawayId, rules }) =>
      rules.tasks
        .filter((task) => task.task === 'comment')
        .map(({ keyword }) => ({ giveawayId, keyword: foldedText(keyword), closesAtMs: rules.closesAtMs })),
    );
  }
}
