import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { concatBytes, hexOf, uuidOf, type Bytes } from '../../shared/raffle/bytes.ts';
import type { Entry } from '../../shared/raffle/entry.ts';
import { idsOf, leafHashes, packEntry } from '../../shared/raffle/packed-entry.ts';

import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import { merklePath, merkleRoot } from '../../shared/raffle/merkle.ts';
import type { ProofDocument } from '../../shared/raffle/proof-document.ts';
import { rankEntries } from '../../shared/raffle/ranking.ts';
import { drawKey } from '../../shared/raffle/draw-key.ts';
import type { Receipt } from '../../shared/raffle/receipt.ts';
import { hashOfRules, Rules } from '../../shared/raffle/rules.ts';
import { batchStatement, frozenStatement } from '../../shared/raffle/signature.ts';
import { recordedRounds } from './recorded-rounds.ts';

/** SHA-256 of a name: all chance in these tests comes from names, so that every run is the same. */
export function digestOf(name: string): Bytes {
  return new Uint8Array(createHash('sha256').update(name).digest());
}

export function signingKeyOf(name: string): { privateKey: KeyObject; publicKey: string } {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), digestOf(`key of ${name}`)]);
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(-32).toString('hex') };
}

/** Quicknet round 657413 became known at 2023-09-15T14:23:03Z; the default window closes 20 s before it. */
export const quicknetRound = recordedRounds[0]!.recorded;
export const quicknetRoundAtMs = (1_692_803_367 + (657_413 - 1) * 3) * 1_000;

export function rulesOf(name: string, change: Partial<Rules> = {}): Rules {
  const closesAtMs = quicknetRoundAtMs - 20_000;
  return Rules.parse({
    format: 'nightmarket-raffle-rules/1',
    giveawayId: name,
    roomId: 'room-1',
    kind: 'lucky-bag',
    title: 'Mooncakes 月饼',
    organiser: 'Ana Tea',
    regionNote: 'No purchase necessary.',
    prize: { prize: 'goods', what: 'A box of mooncakes', valueMinor: 2_000, currency: 'EUR' },
    prizeCount: 3,
    alternateCount: 2,
    tasks: [{ task: 'follow' }, { task: 'watch', minutes: 2 }],
    weights: 'equal',
    opensAtMs: closesAtMs - 300_000,
    closesAtMs,
    revealByMs: closesAtMs + 3_600_000,
    claimMs: 172_800_000,
    method: 'hmac-sha256-lowest/1',
    seedCommitment: hexOf(digestOfBytes(digestOf(`seed of ${name}`))),
    signingKey: signingKeyOf(name).publicKey,
    beacon: null,
    ifUnrevealed: 'void',
    ...change,
  });
}

export function entriesOf(name: string, count: number): Entry[] {
  return Array.from({ length: count }, (_, number) => ({
    number,
    id: uuidOf(digestOf(`id ${number} of ${name}`).subarray(0, 16)),
    entrant: hexOf(digestOf(`entrant ${number} of ${name}`)),
    nonce: hexOf(digestOf(`nonce ${number} of ${name}`).subarray(0, 16)),
  }));
}

/** `frozenLate`: the round of the beacon was known when the list was frozen. */
type Wishes = { rules?: Partial<Rules>; revealed?: boolean; frozenLate?: boolean };

/** A whole draw as a server would publish it. */
export async function drawOf(
  name: string,
  count: number,
  { rules: change = {}, revealed = true, frozenLate = false }: Wishes = {},
): Promise<ProofDocument> {
  const rules = rulesOf(name, change);
  const rulesHash = await hashOfRules(rules);
  const entries = entriesOf(name, count);
  const packed = concatBytes(...entries.map(packEntry));
  const root = await merkleRoot(await leafHashes(packed, nodeHashMany), nodeHashMany);
  const seed = revealed ? hexOf(digestOf(`seed of ${name}`)) : null;
  const beacon = rules.beacon && !frozenLate ? quicknetRound : null;
  const key = await drawKey(rules, rulesHash, { seed, beacon });
  const drawn = !frozenLate && (seed !== null || rules.ifUnrevealed === 'beacon-only');
  const places = drawn
    ? await rankEntries(key, root, idsOf(packed), rules.prizeCount + rules.alternateCount, nodeHashMany)
    : [];
  const placed = places.map(({ entryNumber, score }) => ({ entryNumber, entryId: entries[entryNumber]!.id, score }));
  const frozen = {
    entryCount: count,
    root: hexOf(root),
    frozenAtMs: frozenLate ? quicknetRoundAtMs : rules.closesAtMs + 1_000,
  };
  return {
    format: 'nightmarket-raffle-proof/1',
    rules,
    rulesHash,
    frozen: { ...frozen, signature: signed(name, frozenStatement(rulesHash, frozen)) },
    seed,
    beacon,
    entries: { inline: entries },
    winners: placed.slice(0, rules.prizeCount),
    alternates: placed.slice(rules.prizeCount),
  };
}

/** A receipt of a draw made above, from a batch that held the whole list. */
export async function receiptOf(
  name: string,
  { rules, rulesHash, entries }: ProofDocument,
  number: number,
): Promise<Receipt> {
  const list = 'inline' in entries ? entries.inline : [];
  const leaves = await leafHashes(concatBytes(...list.map(packEntry)), nodeHashMany);
  const size = list.length;
  const root = hexOf(await merkleRoot(leaves, nodeHashMany));
  return {
    format: 'nightmarket-raffle-receipt/1',
    giveawayId: rules.giveawayId,
    rulesHash,
    entry: list[number]!,
    entrantSalt: hexOf(digestOf(`salt ${number} of ${name}`)),
    batch: { size, index: number, path: await merklePath(leaves, number, nodeHashMany) },
    signature: signed(name, batchStatement(rulesHash, { size, root })),
  };
}

function signed(name: string, statement: Bytes): string {
  return sign(null, statement, signingKeyOf(name).privateKey).toString('hex');
}

function digestOfBytes(bytes: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}
