import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { bigBatchOrders, createGroupCommit, uncommittedPerRoomMax } from '../../server/features/sale/group-commit.ts';
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
const rules = { isDefinite: () => true, isDataFault: () => true, holdMs: 1, onFailure: () => undefined };

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
