import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesOfHex, concatBytes, hexOf } from '../../shared/raffle/bytes.ts';
import { merklePath } from '../../shared/raffle/merkle.ts';
import { entrantPseudonym, leafHashes, packEntry } from '../../shared/raffle/packed-entry.ts';
import { ndjsonLine, type ProofDocument } from '../../shared/raffle/proof-document.ts';
import { checkDraw, type KeptOf, type TypedReceipt } from '../../web/verify/read-proof.ts';
import { digestOf, drawOf, quicknetRound, quicknetRoundAtMs, receiptOf } from './draw-fixture.ts';

const kept: ReturnType<KeptOf> = { own: null, rulesHash: null, list: null };
const untyped = { receipt: '', personId: null };

/** What the server answers, by path. */
const answers = new Map<string, unknown>();
const lists = new Map<string, string>();
const conflicts = new Map<string, string>();
const server = createServer(({ url = '' }, response) => {
  const reason = conflicts.get(url);
  if (reason) response.writeHead(409);
  response.end(reason ? JSON.stringify({ error: { reason } }) : (lists.get(url) ?? JSON.stringify(answers.get(url))));
});
let origin: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const serve = (giveawayId: string, document: ProofDocument) =>
  answers.set(`/api/giveaways/${giveawayId}/proof`, document);

const check = (source: string, typed: TypedReceipt, keptOf: KeptOf) =>
  checkDraw(source, typed, keptOf, { origin, wholeList: false });

/** The steps that fail, those of the receipt behind the others. */
async function failed(...asked: Parameters<typeof check>): Promise<string[]> {
  const { steps, own } = await check(...asked);
  return [...steps, ...own].filter(({ ok }) => !ok).map(({ check }) => check);
}

test('a draw that is right by itself does not pass for the one that was asked for, nor makes the browser forget what it kept of that', async () => {
  const [mine, another] = [await drawOf('mine', 5), await drawOf('another', 5)];
  const receipt = await receiptOf('mine', mine, 3);
  const keptOf: KeptOf = (giveawayId) =>
    giveawayId === 'mine' ? { ...kept, own: { receipt, personId: null }, rulesHash: mine.rulesHash } : kept;

  serve('mine', mine);
  expect(await failed('mine', untyped, keptOf)).toEqual([]);
  serve('mine', another);
  expect(await failed('mine', untyped, keptOf)).toEqual(expect.arrayContaining(['asked', 'seen', 'giveaway']));
  expect(await failed('mine', untyped, () => kept)).toEqual(['asked']);
});

test('a receipt that was given to somebody else, too, is found out by whom it is not of', async () => {
  const draw = await drawOf('shared', 5);
  const salt = hexOf(digestOf('salt'));
  const entries = 'inline' in draw.entries ? draw.entries.inline : [];
  const entrant = hexOf(await entrantPseudonym(bytesOfHex(salt), 'ana'));
  const receipt = { ...(await receiptOf('shared', draw, 0)), entrantSalt: salt, entry: { ...entries[0]!, entrant } };
  serve('shared', draw);
  const accountFails = async (personId: string) => {
    const byKept = await failed('shared', untyped, () => ({ ...kept, own: { receipt, personId } }));
    const byTyped = await failed('shared', { receipt: JSON.stringify(receipt), personId }, () => kept);
    expect(byTyped).toEqual(byKept);
    return byKept.includes('account');
  };

  expect(await accountFails('ana')).toBe(false);
  expect(await accountFails('bo')).toBe(true);
});

test('another list than the one that was seen is found out, and a seal seen before its round says so', async () => {
  const beacon = { chain: 'quicknet' as const, round: quicknetRound.round };
  const draw = await drawOf('lists', 5, { rules: { beacon } });
  const other = await drawOf('lists', 4, { rules: { beacon } });
  const seenAt =
    (seenAtMs: number): KeptOf =>
    () => ({ ...kept, list: { frozen: draw.frozen, seenAtMs } });

  const { steps } = await check(JSON.stringify(draw), untyped, seenAt(quicknetRoundAtMs - 1));
  expect(steps.filter(({ ok, check }) => ok && check.startsWith('seen-'))).toHaveLength(2);
  const late = await check(JSON.stringify(draw), untyped, seenAt(quicknetRoundAtMs));
  expect(late.steps.filter(({ check }) => check === 'seen-in-time')).toEqual([]);
  expect(await failed(JSON.stringify(other), untyped, seenAt(quicknetRoundAtMs))).toEqual(['seen-list']);
});

test('a receipt of another draw and what is no receipt are not judged', async () => {
  const draw = await drawOf('mine', 5);
  const receipt = await receiptOf('mine', draw, 1);
  const other = JSON.stringify({ ...receipt, giveawayId: 'another' });
  serve('mine', draw);

  await expect(check('mine', { receipt: other, personId: null }, () => kept)).rejects.toThrow('otherReceipt');
  await expect(check('mine', { receipt: '{}', personId: null }, () => kept)).rejects.toThrow('notReceipt');
});

test('what is not drawn yet and what was cancelled are told apart', async () => {
  conflicts.set('/api/giveaways/early/proof', 'not-drawn').set('/api/giveaways/off/proof', 'giveaway-cancelled');

  await expect(check('early', untyped, () => kept)).rejects.toThrow('notDrawn');
  await expect(check('off', untyped, () => kept)).rejects.toThrow('cancelled');
});

test('of a long list the own entry is looked for by its path, and all are worked out on wish', async () => {
  const draw = await drawOf('long', 9);
  const entries = 'inline' in draw.entries ? draw.entries.inline : [];
  const receipt = await receiptOf('long', draw, 4);
  const leaves = await leafHashes(concatBytes(...entries.map(packEntry)));
  const inclusion = { entryNumber: 4, path: await merklePath(leaves, 4) };
  const document = { ...draw, entries: { ndjson: 'entries' } };
  serve('long', document);
  answers.set('/api/giveaways/long/inclusion/4', { ok: true, data: { inclusion } });
  lists.set('/api/giveaways/long/entries', entries.map(ndjsonLine).join(''));
  const keptOf: KeptOf = () => ({ ...kept, own: { receipt, personId: null } });
  const checks = async (wholeList: boolean) => {
    const { steps, own, isWhole } = await checkDraw('long', untyped, keptOf, { origin, wholeList });
    expect([...steps, ...own].filter(({ ok }) => !ok)).toEqual([]);
    return { isWhole, checks: [...steps, ...own].map(({ check: name }) => name) };
  };

  const quick = await checks(false);
  expect(quick).toMatchObject({ isWhole: false, checks: expect.arrayContaining(['beacon', 'asked', 'included']) });
  expect(quick.checks).not.toContain('winners');
  expect(await checks(true)).toMatchObject({ isWhole: true, checks: expect.arrayContaining(['winners', 'included']) });
  answers.set('/api/giveaways/long/inclusion/4', { ok: true, data: { inclusion: { ...inclusion, path: [] } } });
  expect(await failed('long', untyped, keptOf)).toEqual(['included']);
});
