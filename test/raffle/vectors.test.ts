import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import type { ProofDocument } from '../../shared/raffle/proof-document.ts';
import { allOk } from '../../shared/raffle/proof-step.ts';
import { verifyReceipt, type Receipt } from '../../shared/raffle/receipt.ts';
import { verifyDraw } from '../../shared/raffle/verify-draw.ts';
import { isBlsGood } from './bls.ts';
import { failedReceiptSteps, failedSteps } from './second/verify.ts';
import { changedBy, type Change } from './tampering.ts';

/** Complete proof documents and receipts, for whoever writes another verifier. Made once; a change of format would fail here. */
const vectors = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as {
  draws: { name: string; document: ProofDocument; receipt: Receipt | null }[];
  changed: { name: string; of: string; change: Change; fails: string[] }[];
};

describe.each(vectors.draws)('test vector: $name', ({ document, receipt }) => {
  test('is a draw that holds', async () => {
    expect((await verifyDraw(document, { hashMany: nodeHashMany })).filter(({ ok }) => !ok)).toEqual([]);
  });

  test('holds by the second verifier, too, and so does its receipt by both', async () => {
    expect(await failedSteps(document, isBlsGood)).toEqual([]);
    const list = 'inline' in document.entries ? document.entries.inline : [];
    if (!receipt) return expect(list).toEqual([]);
    expect(failedReceiptSteps(receipt, document.rules, { list })).toEqual([]);
    expect(allOk(await verifyReceipt(receipt, { rules: document.rules }))).toBe(true);
  });
});

test.each(vectors.changed)('of a changed draw both verifiers say what fails: $name', async ({ of, change, fails }) => {
  const document = changedBy(vectors.draws.find(({ name }) => name === of)!.document, change);
  const steps = await verifyDraw(document, { hashMany: nodeHashMany });

  expect(steps.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(fails);
  expect((await failedSteps(document, isBlsGood)).toSorted()).toEqual(fails.toSorted());
});

test('the vectors cover every way in which a draw ends, and something that fails in each step', () => {
  expect(vectors.draws.map(({ document: { seed, beacon } }) => [seed !== null, beacon !== null])).toEqual([
    [true, false],
    [true, true],
    [false, false],
    [false, true],
    [false, false],
    [true, false],
    [true, false],
  ]);
  const failing = new Set(vectors.changed.flatMap(({ fails }) => fails));
  const steps = ['format', 'rules', 'signature', 'close', 'seed', 'beacon', 'entries', 'root', 'winners', 'alternates'];
  expect(steps.filter((step) => !failing.has(step))).toEqual([]);
});
