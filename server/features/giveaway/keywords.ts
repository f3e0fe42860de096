import { foldedText } from './folded-text.ts';
import type { GiveawayStore } from './giveaways.ts';
import type { WatchTime } from './watch-time.ts';

type Wanted = { giveawayId: string; keyword: string; closesAtMs: number };
type Needs = { store: Pick<GiveawayStore, 'ofRoom'>; watchTime: Pick<WatchTime, 'noteSaid'>; nowMs: () => number };

/** Rooms whose keywords are remembered; a room that is not is looked up again. */
const roomsMax = 1_000;
const giveawaysMax = 20;

/** Hears the chat of the rooms this gateway serves for the keywords that giveaways ask for. */
export function createKeywords({ store, watchTime, nowMs }: Needs) {
  const byRoom = new Map<string, Promise<Wanted[]>>();

  return {
    /** Notes that somebody said what an open giveaway wants to hear. Hearing it on two gateways notes it once. */
    async hear(roomId: string, personId: string, text: string): Promise<void> {
      const wanted = await wantedIn(roomId);
      if (wanted.length === 0) return; // As a rule: nothing is spent on a line nobody waits for.
      const said = foldedText(text);
      for (const { giveawayId, keyword, closesAtMs } of wanted)
        if (nowMs() < closesAtMs && said.includes(keyword))
          await watchTime.noteSaid({ roomId, giveawayId, closesAtMs }, personId);
    },
    /** A giveaway was published: look again. */
    forget: (roomId: string): void => void byRoom.delete(roomId),
  };

  function wantedIn(roomId: string): Promise<Wanted[]> {
    const known = byRoom.get(roomId);
    if (known) return known;
    const wanted = read(roomId);
    byRoom.set(roomId, wanted);
    if (byRoom.size > roomsMax) byRoom.delete(byRoom.keys().next().value!);
    wanted.catch(() => byRoom.delete(roomId));
    return wanted;
  }

  async function read(roomId: string): Promise<Wanted[]> {
    const open = (await store.ofRoom(roomId, giveawaysMax)).filter(({ state }) => state === 'published');
    return open.flatMap(({ giveawayId, rules }) =>
      rules.tasks
        .filter((task) => task.task === 'comment')
        .map(({ keyword }) => ({ giveawayId, keyword: foldedText(keyword), closesAtMs: rules.closesAtMs })),
    );
  }
}
