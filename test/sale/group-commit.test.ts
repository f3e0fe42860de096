import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import {
  bigBatchOrders,
  commitLockMsMax,
  commitsAtOnceMax,
  createGroupCommit,
  hangsAfterMs,
  ledgerRetryMs,
  uncommittedPerRoomMax,
  unsentMsMax,
} from '../../server/features/sale/group-commit.ts';
import type { NewOrder, StoredOrder } from '../../server/features/sale/order-store.ts';

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
const nothingThere = { findByKeys: async () => [], buriedOf: async () => new Set<string>() };
const turns = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A ledger that answers each batch when it is told to, and a clock that goes when it is told to. */
function hangingLedger() {
  let nowMs = 0;
  let timers: { atMs: number; run: () => void }[] = [];
  const batches: { orderIds: string[]; write: () => void; fail: () => void }[] = [];
  /** What is in the ledger though nobody was answered, by order id. */
  const there = new Set<string>();
  const buried = new Set<string>();
  const insert = (orders: readonly NewOrder[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ written: Set<string>; payByMs: number }>();
    const orderIds = orders.map(({ orderId }) => orderId);
    const write = () => resolve({ written: new Set(orderIds), payByMs: 7 });
    batches.push({ orderIds, write, fail: () => reject(new Error('canceled: it waited for a row')) });
    return promise;
  };
  const commits = createGroupCommit({
    ...rules,
    isDataFault: () => false,
    nowMs: () => nowMs,
    after: (ms, run) => void timers.push({ atMs: nowMs + ms, run }),
    store: {
      insert,
      findByKeys: async (orders) => (orders as NewOrder[]).filter(({ orderId }) => there.has(orderId)).map(stored),
      buriedOf: async (orderIds) => new Set(orderIds.filter((orderId) => buried.has(orderId))),
    },
  });
  return {
    commits,
    batches,
    there,
    buried,
    sent: () => batches.map(({ orderIds }) => orderIds),
    comes: (roomId: string) => () => commits.refuseWhenFull({ ...order(0), roomId }),
    timers: () => timers.length,
    async pass(ms: number): Promise<void> {
      await turns(); // What was asked for before is on its way.
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      due.forEach(({ run }) => run());
      await turns();
    },
  };
}
const written = { outcome: 'written', payByMs: 7 };
const stored = (order: NewOrder): StoredOrder => ({
  ...order,
  merchantId: 'merchant',
  state: 'held',
  currency: 'EUR',
  totalMinor: 1,
  payByMs: 7,
  lines: [],
});

test('orders that wait while a batch is being written go together in the next one', async () => {
  const batches: number[] = [];
  const insert = async (orders: readonly NewOrder[]) => {
    batches.push(orders.length);
    await new Promise((resolve) => setImmediate(resolve));
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({ ...rules, store: { insert, ...nothingThere } });

  const first = commits.commit(order(1));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const rest = [2, 3, 4].map((n) => commits.commit(order(n)));

  expect(await Promise.all([first, ...rest])).toEqual(Array(4).fill({ outcome: 'written', payByMs: 7 }));
  expect(batches).toEqual([1, 3]);
});

test('orders with a right to buy or of several lines go by themselves, and no lane is left behind', async () => {
  const batches: string[][] = [];
  const insert = async (orders: readonly NewOrder[]) => {
    batches.push(orders.map(({ orderId }) => orderId));
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({ ...rules, store: { insert, ...nothingThere } });

  const cup = { ...order(4).lines[0]!, lineNumber: 2, offerId: 'cup' };
  const several = { ...order(4), lines: [...order(4).lines, cup] };
  const orders = [order(1), { ...order(2), rightId: 'right' }, order(3), several];
  await Promise.all(orders.map((one) => commits.commit(one)));

  expect(batches).toEqual([
    ['order-1', 'order-3'],
    ['order-2', 'order-4'],
  ]);
  expect(commits.lanes).toBe(0);
});

test('a lane that another commit has emptied before its turn is not left behind', async () => {
  const first = Promise.withResolvers<null>();
  const insert = async (orders: readonly NewOrder[]) => {
    if (orders.length === 1) await first.promise;
    return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: 7 };
  };
  const commits = createGroupCommit({ ...rules, store: { insert, ...nothingThere } });
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
  const commits = createGroupCommit({ ...rules, store: { insert, ...nothingThere } });
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
  const commits = createGroupCommit({ ...rules, store: { insert, ...nothingThere } });

  const outcomes = await Promise.all([1, 2, 3, 4].map((n) => commits.commit(order(n))));

  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['written', 'refused', 'written', 'written']);
});

test('while too many taken orders of a room wait, its purchases are turned away before they take units, and those of others are not', () => {
  const insert = () => new Promise<never>(() => undefined);
  const commits = createGroupCommit({ ...rules, store: { insert, ...nothingThere } });
  for (let n = 0; n < uncommittedPerRoomMax; n++) void commits.commit(order(n));

  expect(() => commits.refuseWhenFull(order(0))).toThrow(AppError);
  expect(() => commits.refuseWhenFull({ ...order(0), roomId: 'another' })).not.toThrow();
});

test('an order that waited too long is never sent, and who came later waits on; what was sent is waited for', async () => {
  const { commits, batches, sent, pass, timers } = hangingLedger();
  const first = commits.commit(order(1));
  await pass(hangsAfterMs);
  const second = commits.commit(order(2));
  await turns();
  const old = [3, 4].map((n) => commits.commit(order(n)));
  await pass(unsentMsMax - 1);
  const young = commits.commit(order(5));

  await pass(100);

  expect(await Promise.all(old)).toEqual([{ outcome: 'unsent' }, { outcome: 'unsent' }]);
  expect(commits.uncommitted).toBe(3);
  batches.forEach(({ write }) => write());
  expect(await Promise.all([first, second])).toEqual([written, written]);
  batches[2]!.write();
  expect(await young).toEqual(written);
  expect(sent()).toEqual([['order-1'], ['order-2'], ['order-5']]);
  await turns();
  expect([commits.uncommitted, commits.lanes]).toEqual([0, 0]);
  await pass(unsentMsMax);
  expect(timers()).toBe(0);
});

test('while a commit hangs its room sells over a second connection, an order at a time; afterwards orders gather again', async () => {
  const { commits, batches, sent, comes, pass } = hangingLedger();
  const hanging = commits.commit(order(1));
  await turns();
  const second = commits.commit(order(2));

  await pass(hangsAfterMs - 1);
  expect(sent()).toEqual([['order-1']]);
  await pass(1);
  expect(sent()).toEqual([['order-1'], ['order-2']]);
  batches[1]!.write();
  expect(await second).toEqual(written);
  await pass(unsentMsMax);
  expect(comes('R')).not.toThrow();
  const third = commits.commit(order(3));
  await turns();
  batches[2]!.write();
  expect(await third).toEqual(written);

  batches[0]!.write();
  expect(await hanging).toEqual(written);
  expect(hangsAfterMs).toBeGreaterThan(commitLockMsMax);
  expect(hangsAfterMs).toBeLessThan(unsentMsMax);
  void commits.commit(order(4));
  await turns();
  void commits.commit(order(5));
  await turns();
  expect(sent().slice(3)).toEqual([['order-4']]);
});

test('purchases are turned away before they take units: of a room while two commits of it hang, of all while all connections do', async () => {
  const { commits, batches, comes, pass } = hangingLedger();
  const all = [commits.commit(order(1))];
  await pass(hangsAfterMs);
  all.push(commits.commit(order(2)));
  await pass(hangsAfterMs - 1);
  expect(comes('R')).not.toThrow();
  await pass(1);
  expect(comes('R')).toThrow(AppError);
  expect(comes('another')).not.toThrow();

  for (let n = 2; n < commitsAtOnceMax; n++) all.push(commits.commit({ ...order(n), roomId: `other-${n}` }));
  await turns();
  await pass(hangsAfterMs);
  expect(comes('another')).toThrow(AppError);
  batches.forEach(({ write }) => write());
  await Promise.all(all);
  expect(comes('R')).not.toThrow();
  expect(comes('another')).not.toThrow();
});

test('who waits for a commit that hangs is told once the ledger knows: their order is there, or never will be', async () => {
  const { commits, batches, there, buried, pass } = hangingLedger();
  const [first, second, third] = [1, 2, 3].map((n) => commits.commit(order(n)));
  await turns();
  there.add('order-1');

  await pass(hangsAfterMs);
  expect(await first).toMatchObject({ outcome: 'there_before', order: { orderId: 'order-1' } });
  buried.add('order-2');
  await pass(hangsAfterMs);
  expect(await second).toEqual({ outcome: 'refused' });
  batches[0]!.write();
  expect(await third).toEqual(written);
  expect([commits.uncommitted, commits.lanes]).toEqual([0, 0]);
});

test('what hangs with its rows locked: when the commit beside it fails, its room is turned away, and one let in a second later', async () => {
  const { commits, batches, comes, pass } = hangingLedger();
  void commits.commit(order(1));
  await pass(hangsAfterMs);
  const beside = commits.commit(order(2));
  await turns();
  expect(comes('R')).not.toThrow();

  batches[1]!.fail();
  expect(await beside).toEqual({ outcome: 'refused' });
  expect(comes('R')).toThrow(AppError);
  expect(comes('another')).not.toThrow();
  await pass(ledgerRetryMs);
  expect(comes('R')).not.toThrow();
  // On the way to the gate, where nothing is known of them here.
  expect(comes('R')).toThrow(AppError);
  await pass(ledgerRetryMs - 1);
  expect(comes('R')).toThrow(AppError);
  // They took nothing, so nothing is known by them.
  await pass(1);
  expect(comes('R')).not.toThrow();
  expect(comes('R')).toThrow(AppError);
  const tried = commits.commit(order(3));
  expect(comes('R')).toThrow(AppError);
  await turns();
  expect(comes('R')).toThrow(AppError);
  batches[2]!.write();
  expect(await tried).toEqual(written);
  expect(comes('R')).not.toThrow();
});
