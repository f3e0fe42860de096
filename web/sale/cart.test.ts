import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import type { Request } from '../../shared/client/requests.ts';
import { createCart, type CartLine } from './cart.ts';

type Asked = {
  name: string;
  input: Partial<CartLine>;
  answer: (lines: CartLine[]) => void;
  refuse: (error: AppError) => void;
};

/** A cart whose server answers when the test says so. */
function cartOfTest() {
  const asked: Asked[] = [];
  const ask = ((name: string, input: Partial<CartLine>) =>
    new Promise((resolve, reject) => {
      asked.push({ name, input, answer: (lines) => resolve({ lines }), refuse: reject });
    })) as unknown as Request;
  return { cart: createCart('room', ask), asked };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const mug = { offerId: 'mug', units: 2 };

test('what was put stays, though what is read is of the moment before', async () => {
  const { cart, asked } = cartOfTest();
  const put = cart.put(mug);
  cart.read();
  asked[0]!.answer([mug]);
  await put;
  asked[1]!.answer([]);
  await settled();

  expect(cart.lines.get()).toEqual([mug]);
});

test('of many presses the last is sent, after the one under way; a refusal shows what the server has', async () => {
  const { cart, asked } = cartOfTest();
  const puts = [1, 2, 3].map((units) => cart.put({ offerId: 'mug', units }));
  expect(cart.lines.get()).toEqual([{ offerId: 'mug', units: 3 }]);
  asked[0]!.answer([]);
  await settled();
  asked[1]!.refuse(new AppError('CONFLICT'));
  expect((await Promise.allSettled(puts)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  asked[2]!.answer([{ offerId: 'mug', units: 1 }]);
  await settled();

  expect(cart.lines.get()).toEqual([{ offerId: 'mug', units: 1 }]);
  expect(asked.map(({ name, input }) => [name, input.units])).toEqual([
    ['cart:put', 1],
    ['cart:put', 3],
    ['cart:get', undefined],
  ]);
});

test('lines that came back are told from those that were known; while none were known yet, nothing is', async () => {
  const { cart, asked } = cartOfTest();
  const first = cart.newLines();
  asked[0]!.answer([mug]);
  expect(await first).toBe(0);

  const second = cart.newLines();
  asked[1]!.answer([mug, { offerId: 'lamp', units: 1 }]);
  expect(await second).toBe(1);
});
