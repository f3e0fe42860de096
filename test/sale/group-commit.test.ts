import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import {
  bigBatchOrders,
  commitsAtOnceMax,
  createGroupCommit,
  uncommittedPerRoomMax,
  unsentMsMax,
} from '../../server/features/sale/group-commit.ts';
import type { NewOrder } from '../../server/features/sale/order-store.ts';

const order = (n: number): NewOrder => ({
  orderId: `order-${n}`,
  roomId: 'R',
  buyerId: `buyer-${n}`,
  requestKey: 'key',
  requestHash: 'hash',
  rightId: null,
  lines: [{ lineNumber: 1, offerId: 'O', epoch: 1, units: 1 }],
});
const rules = {
  isDefinite: () => true,
  isDataFault: () => true,
  holdMs: 1,
  nowMs: () => 0,
  after: () => undefined,
  onFailure: () => undefined,
};
const turns = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A ledger that writes when it is told to, and a clock that goes when it is told to. */
function hangingLedger() {
  let nowMs = 0;
  let timers: { atMs: number; run: () => void }[] = [];
  const written: string[] = [];
  const going = Promise.withResolvers<null>();
  const insert = async (orders: readonly NewOrder[]) => {
    await going.promise;
    written.push(...orders.map(({ orderId }) => orderId));
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({
    ...rules,
    nowMs: () => nowMs,
    after: (ms, run) => void timers.push({ atMs: nowMs + ms, run }),
    store: { insert, findByKeys: async () => [] },
  });
  return {
    commits,
    written,
    go: () => going.resolve(null),
    timers: () => timers.length,
    pass(ms: number): void {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      due.forEach(({ run }) => run());
    },
  };
}

test('orders that wait while a batch is being written go together in the next one', async () => {
  const batches: number[] = [];
  const insert = async (orders: readonly NewOrder[]) => {
    batches.push(orders.length);
    await new Promise((resolve) => setImmediate(resolve));
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({ ...rules, store: { insert, findByKeys: async () => [] } });

  const first = commits.commit(order(1));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const rest = [2, 3, 4].map((n) => commits.commit(order(n)));

  expect(await Promise.all([first, ...rest])).toEqual(Array(4).fill({ outcome: 'written', payByMs: 7 }));
  expect(batches).toEqual([1, 3]);
});

test('orders with a right to buy go by themselves, and no lane is left behind', async () => {
  const batches: (string | null)[][] = [];
  const insert = async (orders: readonly NewOrder[]) => {
    batches.push(orders.map(({ rightId }) => rightId));
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({ ...rules, store: { insert, findByKeys: async () => [] } });

  const orders = [order(1), { ...order(2), rightId: 'right' }, order(3)];
  await Promise.all(orders.map((one) => commits.commit(one)));

  expect(batches).toEqual([[null, null], ['right']]);
  expect(commits.lanes).toBe(0);
});

test('a lane that another commit has emptied before its turn is not left behind', async () => {
  const first = Promise.withResolvers<null>();
  const insert = async (orders: readonly NewOrder[]) => {
    if (orders.length === 1) await first.promise;
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({ ...rules, store: { insert, findByKeys: async () => [] } });
  const alone = commits.commit(order(0));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  const rest = Array.from({ length: bigBatchOrders }, (_, n) => commits.commit(order(n + 1)));
  first.resolve(null);
  await Promise.all([alone, ...rest]);
  await new Promise((resolve) => setImmediate(resolve));

  expect(commits.lanes).toBe(0);
});

test('a big batch does not wait for the one before it; fewer orders do, and gather', async () => {
  const batches: number[] = [];
  const insert = (orders: readonly NewOrder[]) => {
    batches.push(orders.length);
    return new Promise<never>(() => undefined);
  };
  const commits = createGroupCommit({ ...rules, store: { insert, findByKeys: async () => [] } });
  const commitNext = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) void commits.commit(order(n));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  };

  await commitNext(1);
  await commitNext(bigBatchOrders - 1);
  expect(batches).toEqual([1]);

  await commitNext(1);
  expect(batches).toEqual([1, bigBatchOrders]);

  await commitNext(bigBatchOrders);
  expect(batches).toEqual([1, bigBatchOrders]);
});

test('one order that can not be written does not turn away the others of its batch', async () => {
  const insert = async (orders: readonly NewOrder[]) => {
    if (orders.some(({ orderId }) => orderId === 'order-2')) throw new Error('violates a constraint');
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({ ...rules, store: { insert, findByKeys: async () => [] } });

  const outcomes = await Promise.all([1, 2, 3, 4].map((n) => commits.commit(order(n))));

  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['written', 'refused', 'written', 'written']);
});

test('while too many taken orders of a room wait, its purchases are turned away before they take units, and those of others are not', () => {
  const insert = () => new Promise<never>(() => undefined);
  const commits = createGroupCommit({ ...rules, store: { insert, findByKeys: async () => [] } });
  for (let n = 0; n < uncommittedPerRoomMax; n++) void commits.commit(order(n));

  expect(() => commits.refuseWhenFull(order(0))).toThrow(AppError);
  expect(() => commits.refuseWhenFull({ ...order(0), roomId: 'another' })).not.toThrow();
});

test('an order that waited too long is never sent, and who came later waits on; what was sent is waited for', async () => {
  const { commits, written, pass, go, timers } = hangingLedger();
  const sent = commits.commit(order(1));
  await turns();
  const old = [2, 3].map((n) => commits.commit(order(n)));
  pass(unsentMsMax - 1);
  const young = commits.commit(order(4));

  pass(1);

  expect(await Promise.all(old)).toEqual([{ outcome: 'unsent' }, { outcome: 'unsent' }]);
  expect(commits.uncommitted).toBe(2);
  go();
  expect(await Promise.all([sent, young])).toEqual(Array(2).fill({ outcome: 'written', payByMs: 7 }));
  expect(written).toEqual(['order-1', 'order-4']);
  expect([commits.uncommitted, commits.lanes]).toEqual([0, 0]);
  pass(unsentMsMax);
  expect(timers()).toBe(0);
});

test('while a commit hangs, purchases of its room are turned away before they take units; when all hang, everybody is', async () => {
  const { commits, pass, go } = hangingLedger();
  const comes = (roomId: string) => () => commits.refuseWhenFull({ roomId, rightId: null });
  const first = commits.commit(order(1));
  await turns();

  pass(unsentMsMax);
  expect(comes('R')).not.toThrow();
  pass(1);
  expect(comes('R')).toThrow(AppError);
  expect(comes('another')).not.toThrow();

  const others = Array.from({ length: commitsAtOnceMax - 1 }, (_, n) =>
    commits.commit({ ...order(n), roomId: `other-${n}` }),
  );
  await turns();
  pass(unsentMsMax + 1);
  expect(comes('another')).toThrow(AppError);
  go();
  await Promise.all([first, ...others]);
  expect(comes('R')).not.toThrow();
  expect(comes('another')).not.toThrow();
});
