import { describe, expect, test } from 'vitest';
import { bytesOfHex, concatBytes, hexOf } from '../../shared/raffle/bytes.ts';
import { entrantPseudonym, leafHashes, packEntry } from '../../shared/raffle/packed-entry.ts';
import { merklePath } from '../../shared/raffle/merkle.ts';
import { verifyReceipt, verifyReceiptInList } from '../../shared/raffle/receipt.ts';
import { drawOf, receiptOf } from './draw-fixture.ts';
import { failedReceiptSteps } from './second/verify.ts';
import { changedAt, leafPaths } from './tampering.ts';

const document = await drawOf('receipts', 21);
const entries = 'inline' in document.entries ? document.entries.inline : [];
const leaves = await leafHashes(concatBytes(...entries.map(packEntry)));

async function closedFor(entryNumber: number) {
  return { frozen: document.frozen, inclusion: { entryNumber, path: await merklePath(leaves, entryNumber) } };
}

async function failedChecks(receipt: unknown, closed?: Awaited<ReturnType<typeof closedFor>>) {
  const steps = await verifyReceipt(receipt, { rules: document.rules, ...(closed && { closed }) });
  const failed = steps.filter(({ ok }) => !ok).map(({ check }) => check);
  // The second verifier looks into the list, and takes no inclusion proof.
  if (!closed) expect(failedReceiptSteps(receipt, document.rules)).toEqual(failed);
  return failed;
}

describe('a receipt', () => {
  test('holds before the close, and after it for every place in the list', async () => {
    for (const { number } of entries) {
      const receipt = await receiptOf('receipts', document, number);
      expect(await failedChecks(receipt)).toEqual([]);
      expect(await failedChecks(receipt, await closedFor(number))).toEqual([]);
    }
  });

  test('is evidence when its entry is not in the frozen list', async () => {
    const receipt = await receiptOf('receipts', document, 4);
    const shorter = await leafHashes(concatBytes(...entries.filter(({ number }) => number !== 4).map(packEntry)));
    const inclusion = { entryNumber: 4, path: await merklePath(shorter, 4) };

    expect(await failedChecks(receipt, { frozen: document.frozen, inclusion })).toEqual(['included']);
  });

  test.each([
    ['giveaway', { giveawayId: 'another' }],
    ['rules', { rulesHash: '00'.repeat(32) }],
    ['batch', { entry: { ...entries[4]!, nonce: '00'.repeat(16) } }],
    ['batch', { signature: '00'.repeat(64) }],
    ['format', { extra: 1 }],
  ])('fails at the step %s when that part is false', async (check, change) => {
    expect(await failedChecks({ ...(await receiptOf('receipts', document, 4)), ...change })).toContain(check);
  });

  test('fails by both verifiers whatever field of it is changed; only its holder can tell the salt', async () => {
    const receipt = await receiptOf('receipts', document, 4);
    const paths = leafPaths(receipt);
    expect(paths.length).toBeGreaterThan(12);

    for (const path of paths) {
      const failed = await failedChecks(changedAt(receipt, path));
      expect(failed.length > 0, path.join('.')).toBe(path[0] !== 'entrantSalt');
    }
  });

  test('whose entry was left out of the list is evidence by both verifiers', async () => {
    const receipt = await receiptOf('receipts', document, 4);
    const shortened = entries.filter(({ number }) => number !== 4).map((entry, number) => ({ ...entry, number }));
    const steps = await verifyReceiptInList(receipt, document.rules, shortened[4]);

    expect(steps.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['included']);
    expect(failedReceiptSteps(receipt, document.rules, { list: shortened })).toEqual(['included']);
    expect(failedReceiptSteps(receipt, document.rules, { list: entries })).toEqual([]);
  });

  test('fails when its path leads elsewhere, or is too short or too long', async () => {
    const receipt = await receiptOf('receipts', document, 4);
    const withPath = (path: string[]) => failedChecks({ ...receipt, batch: { ...receipt.batch, path } });

    expect(await withPath(receipt.batch.path.slice(1))).toEqual(['batch']);
    expect(await withPath([...receipt.batch.path, '00'.repeat(32)])).toEqual(['batch']);
    expect(await withPath(receipt.batch.path.toReversed())).toEqual(['batch']);
  });

  test('shows its holder that the pseudonym is theirs, and nobody else', async () => {
    const salt = '11'.repeat(32);
    const entrant = hexOf(await entrantPseudonym(bytesOfHex(salt), 'account-ana'));
    const base = await receiptOf('receipts', document, 4);
    const receipt = { ...base, entrantSalt: salt, entry: { ...base.entry, entrant } };
    const accountStep = async (accountId: string) => {
      const ok = (await verifyReceipt(receipt, { rules: document.rules, accountId })).find(
        ({ check }) => check === 'account',
      )?.ok;
      expect(failedReceiptSteps(receipt, document.rules, { accountId }).includes('account')).toBe(!ok);
      return ok;
    };

    expect(await accountStep('account-ana')).toBe(true);
    expect(await accountStep('account-bo')).toBe(false);
    // Whoever was given the entry of somebody else finds it out by both ways to look for it in the list.
    const inList = await verifyReceiptInList(base, document.rules, base.entry, { accountId: 'account-bo' });
    expect(inList.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['account']);
  });

  test('shows the device that entered that its own nonce went into the list', async () => {
    const receipt = await receiptOf('receipts', document, 4);
    const failed = async (nonce: string) => {
      const steps = await verifyReceipt(receipt, { rules: document.rules, nonce });
      const checks = steps.filter(({ ok }) => !ok).map(({ check }) => check);
      expect(failedReceiptSteps(receipt, document.rules, { nonce })).toEqual(checks);
      return checks;
    };

    expect(await failed(entries[4]!.nonce)).toEqual([]);
    expect(await failed(entries[5]!.nonce)).toEqual(['nonce']);
  });
});
