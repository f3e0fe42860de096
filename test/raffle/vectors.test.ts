import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import type { ProofDocument } from '../../shared/raffle/proof-document.ts';
import { allOk } from '../../shared/raffle/proof-step.ts';
import { verifyReceipt, type Receipt } from '../../shared/raffle/receipt.ts';
import { verifyDraw } from '../../shared/raffle/verify-draw.ts';
import { isBlsGood } from './bls.ts';
import { failedReceiptSteps, failedSteps } from './second/verify.ts';

/** Complete proof documents and receipts, for whoever writes another verifier. Made once; a change of format would fail here. */
const vectors = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as {
  draws: { name: string; document: ProofDocument; receipt: Receipt }[];
};

describe.each(vectors.draws)('test vector: $name', ({ document, receipt }) => {
  test('is a draw that holds', async () => {
    expect((await verifyDraw(document, { hashMany: nodeHashMany })).filter(({ ok }) => !ok)).toEqual([]);
  });

  test('holds by the second verifier, too, with its receipt', async () => {
    expect(await failedSteps(document, isBlsGood)).toEqual([]);
    const list = 'inline' in document.entries ? document.entries.inline : [];
    expect(failedReceiptSteps(receipt, document.rules, { list })).toEqual([]);
  });

  test('has a receipt that holds', async () => {
    expect(allOk(await verifyReceipt(receipt, { rules: document.rules }))).toBe(true);
  });
});

test('the vectors cover a draw by seed alone, with a beacon, unrevealed without winners, and unrevealed with the beacon alone', () => {
  expect(vectors.draws.map(({ document: { seed, beacon } }) => [seed !== null, beacon !== null])).toEqual([
    [true, false],
    [true, true],
    [false, false],
    [false, true],
  ]);
});
