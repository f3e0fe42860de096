import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { balancesOf, book } from '../../server/features/payments/money-ledger.pg.ts';
import {
  captured,
  refundDone,
  refundRequested,
  settledToOrder,
  settledToRefund,
  type MoneyTransfer,
} from '../../server/features/payments/money-transfers.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPostgres, inTransaction, type Db } from '../../server/platform/postgres.ts';
import { newId } from '../../shared/ids.ts';
import { freshDatabase } from '../support/stack.ts';

const amount = fc.integer({ min: 1, max: 2_000_000_000_000 });
/** What may happen to one captured payment. `back`: shares of it that are refunded one after the other. */
const life = fc.record({
  amountMinor: amount,
  currency: fc.constantFrom('EUR', 'JPY'),
  paysOrder: fc.boolean(),
  back: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  confirmed: fc.boolean(),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

const merchantId = newId();

/** The transfers of a life, and what the merchant must be owed and the provider must hold after it. */
function transfersOf({ amountMinor, currency, paysOrder, back, confirmed }: Life) {
  const payment = { paymentId: newId(), orderId: newId(), provider: 'sandbox', amountMinor, currency, merchantId };
  const transfers: MoneyTransfer[] = [captured(payment)];
  if (!paysOrder) transfers.push(settledToRefund(payment));
  else transfers.push(settledToOrder(payment));
  let keptMinor = paysOrder ? amountMinor : 0;
  let heldMinor = amountMinor;
  const refunds = paysOrder ? back.map((share) => Math.floor(share * keptMinor * 0.5)) : [amountMinor];
  for (const refundMinor of refunds.filter((minor) => minor > 0)) {
    const refund = { ...payment, refundId: newId(), amountMinor: refundMinor };
    if (paysOrder) {
      transfers.push(refundRequested(refund));
      keptMinor -= refundMinor;
    }
    if (!confirmed) continue;
    transfers.push(refundDone(refund));
    heldMinor -= refundMinor;
  }
  return { transfers, keptMinor, heldMinor, currency };
}

test('every transfer sums to zero, and the accounts say what became of the money', () => {
  fc.assert(
    fc.property(fc.array(life, { maxLength: 10 }), (lives) => {
      const told = lives.map(transfersOf);
      for (const currency of ['EUR', 'JPY']) {
        const own = told.filter((one) => one.currency === currency);
        const entries = own.flatMap(({ transfers }) => transfers).flatMap((transfer) => transfer.entries);
        const balance = (prefix: string): number =>
          entries.filter(({ account }) => account.startsWith(prefix)).reduce((sum, one) => sum + one.amountMinor, 0);

        for (const { transfers } of own)
          for (const transfer of transfers)
            expect(transfer.entries.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(0);
        expect(balance('deposit:')).toBe(0);
        expect(own.reduce((sum, { keptMinor }) => sum + keptMinor, balance(`merchant:${merchantId}`))).toBe(0);
        expect(balance('provider:')).toBe(own.reduce((sum, { heldMinor }) => sum + heldMinor, 0));
      }
    }),
  );
});

describe('the money ledger in the database', () => {
  let db: Db;
  beforeAll(async () => {
    db = createPostgres({ url: await freshDatabase(), log: createLog('silent') });
  });
  afterAll(() => db.end());

  const transfer = (changes: Partial<MoneyTransfer> = {}): MoneyTransfer => ({
    ...captured({ paymentId: newId(), orderId: newId(), provider: 'sandbox', amountMinor: 500, currency: 'EUR' }),
    ...changes,
  });

  test('the same cause is booked once', async () => {
    const once = transfer();
    await inTransaction(db, (client) => book(client, once));

    await expect(inTransaction(db, (client) => book(client, once))).rejects.toThrow('money_transfers_cause_key');
    expect(await balancesOf(db, `deposit:${once.orderId}`)).toMatchObject([{ balanceMinor: -500, currency: 'EUR' }]);
  });

  test('a transfer that does not sum to zero can not be committed', async () => {
    const crooked = transfer({ entries: [{ account: 'provider:sandbox', amountMinor: 500 }] });

    await expect(inTransaction(db, (client) => book(client, crooked))).rejects.toThrow('does not sum to zero');
  });

  test('nothing is rewritten', async () => {
    await inTransaction(db, (client) => book(client, transfer()));

    for (const attempt of [
      'UPDATE money_entries SET amount_minor = 1',
      'DELETE FROM money_entries',
      'TRUNCATE money_transfers CASCADE',
    ])
      await expect(db.query(attempt)).rejects.toThrow('append-only');
  });
});
