import type { App } from '../../server/app/app.ts';
import { createAdvance } from '../../server/features/giveaway/advance.ts';
import { createAwardStore } from '../../server/features/giveaway/awards.pg.ts';
import type { DrawThreads } from '../../server/features/giveaway/draw-threads.ts';
import { createEntryStore } from '../../server/features/giveaway/entries.pg.ts';
import { createGiveawayStore } from '../../server/features/giveaway/giveaways.pg.ts';
import { createLists } from '../../server/features/giveaway/lists.ts';
import { createWatchTime } from '../../server/features/giveaway/watch-time.redis.ts';
import { createPutOuts } from '../../server/features/moderation/put-outs.pg.ts';
import { createAppendQueue } from '../../server/features/room-log/append-queue.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { RoomLog } from '../../server/features/room-log/room-log.ts';
import { createRightUses } from '../../server/features/sale/right-uses.pg.ts';
import { quicknetRound } from '../raffle/draw-fixture.ts';

export class Crash extends Error {}
export type Dying = <P extends object>(port: P) => P;
export const unharmed: Dying = (port) => port;

/** Everything a draw calls, dying at the given call: before it does anything, or after it did and before it said so. */
export function portsThatDie(atCall: number, when: 'before' | 'after'): Dying {
  let calls = 0;
  return (port) =>
    new Proxy(port, {
      get(target, name) {
        const verb = Reflect.get(target, name) as unknown;
        if (typeof verb !== 'function') return verb;
        return (...args: unknown[]) => {
          const dies = ++calls === atCall;
          if (dies && (when === 'before' || name === 'pages')) throw new Crash(); // A list of pages is made lazily: nothing happened yet.
          const result: unknown = Reflect.apply(verb, target, args);
          if (!dies) return result;
          return Promise.resolve(result).then(() => {
            throw new Crash();
          });
        };
      },
    });
}

/** Awards whose points were paid out, and people who were told that they have won. */
export type Given = {
  paid?: Map<string, number>;
  told?: Set<string>;
  /** Whether the points of a person can be paid now; by default they can. */
  canPay?: (personId: string) => boolean | Promise<never>;
};

/** The steps of giveaways over the real stores, as a worker that has just started has them. */
export function stepsOver(
  app: App,
  threads: DrawThreads,
  nowMs: () => number,
  dying: Dying,
  { paid = new Map<string, number>(), told = new Set<string>(), canPay = () => true }: Given = {},
) {
  const { db, redis } = app.platform;
  const append = createAppendQueue(createLogStore(redis.commands, { chatPerSecondMax: 100 }));
  const log: RoomLog = {
    append: (roomId, kind, body, { senderId = '', clientKey } = {}) =>
      append(roomId, {
        tail: { lane: 'host', senderId, entryId: '', redacts: [], kind, body: JSON.stringify(body) },
        clientKey,
      }),
    setAggregate: () => undefined,
  };
  const payer = dying({
    pay: async (
      { personId, awardId }: { personId: string; awardId: string | null },
      _hostId: string,
      points: number,
    ) => {
      if (!(await canPay(personId))) return false;
      paid.set(awardId!, points); // By award, as the ledger of points does: paying again pays nothing.
      return true;
    },
  });
  const beacons = dying({ fetch: async () => quicknetRound });
  const entries = dying(createEntryStore(db));
  return createAdvance({
    store: dying(createGiveawayStore(db)),
    entries,
    lists: createLists({ entries, threads }),
    awards: dying(createAwardStore(db, createRightUses())),
    threads,
    watchTime: dying(createWatchTime(redis.commands, nowMs)),
    putOuts: dying(createPutOuts(db)),
    funnel: dying({ of: async () => ({ viewers: 6, entrants: 6, joined: 0, buyers: 0 }) }),
    log: dying(log),
    askBeacon: beacons.fetch,
    payPoints: payer.pay,
    tellWinners: async (places) => places.forEach(({ personId }) => told.add(personId)),
    nowMs,
  });
}
