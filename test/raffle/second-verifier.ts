import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';

// Written from docs/provably-fair.md alone, in the plainest way, sharing no code with shared/raffle/: if the document is wrong or says too
// little, the two disagree. It takes the BLS signature of a beacon round as given; drand's own library checks that one.

/* eslint @typescript-eslint/no-explicit-any: off -- a stranger has no types */
type Loose = Record<string, any>;

const H = (...parts: (Buffer | string)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();
const HMAC = (key: Buffer, ...parts: (Buffer | string)[]) =>
  createHmac('sha256', key)
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();
const hex = (text: string) => Buffer.from(text, 'hex');
const uuid = (text: string) => hex(text.replaceAll('-', ''));

function u(bytes: 4 | 8, value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return '[' + value.map(canonical).join(',') + ']';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return '{' + members.map(([name, member]) => JSON.stringify(name) + ':' + canonical(member)).join(',') + '}';
}

function treeRoot(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return H('');
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return H(Buffer.of(1), treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
}

function leafOf(entry: Loose): Buffer {
  return H(
    Buffer.of(0),
    'nm-raffle-v1:entry',
    u(4, entry['number']),
    uuid(entry['id']),
    hex(entry['entrant']),
    hex(entry['nonce']),
  );
}

const chains: Record<string, { hash: string; periodS: number; genesisS: number }> = {
  quicknet: {
    hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
    periodS: 3,
    genesisS: 1_692_803_367,
  },
  default: {
    hash: '8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce',
    periodS: 30,
    genesisS: 1_595_431_050,
  },
};

function frozenTooLate({ rules, frozen }: Loose): boolean {
  if (rules.beacon === null) return false;
  const { genesisS, periodS } = chains[rules.beacon.chain]!;
  return frozen.frozenAtMs >= 1_000 * (genesisS + (rules.beacon.round - 1) * periodS);
}

function keyOf({ rules, rulesHash, seed, beacon }: Loose): Buffer {
  const secret = seed === null ? H('nm-raffle-v1:unrevealed', hex(rulesHash)) : hex(seed);
  if (rules.beacon === null) return secret;
  return HMAC(
    secret,
    'nm-raffle-v1:beacon',
    hex(chains[rules.beacon.chain]!.hash),
    u(8, beacon.round),
    hex(beacon.randomness),
  );
}

/** What follows from a proof document that carries its entries. */
export function recompute(document: Loose): {
  rulesHash: string;
  root: string;
  places: Loose[];
  signatureIsGood: boolean;
} {
  const { rules, frozen, seed } = document;
  const entries: Loose[] = document['entries'].inline;
  const rulesHash = H(canonical(rules));
  const root = treeRoot(entries.map(leafOf));
  const statement = ['nm-raffle-v1:frozen', rulesHash, u(8, entries.length), root, u(8, frozen.frozenAtMs)];
  const spki = Buffer.concat([hex('302a300506032b6570032100'), hex(rules.signingKey)]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const isVoid = (seed === null && rules.ifUnrevealed === 'void') || frozenTooLate(document);
  const key = isVoid ? Buffer.alloc(32) : keyOf(document);
  const scored = entries.map((entry) => ({
    entryNumber: entry['number'],
    entryId: entry['id'],
    score: HMAC(key, root, uuid(entry['id'])).toString('hex'),
  }));
  scored.sort((a, b) => (a.score < b.score ? -1 : 1));
  return {
    rulesHash: rulesHash.toString('hex'),
    root: root.toString('hex'),
    places: isVoid ? [] : scored.slice(0, (rules.prizeCount as number) + (rules.alternateCount as number)),
    signatureIsGood: verify(
      null,
      Buffer.concat(statement.map((part) => Buffer.from(part))),
      publicKey,
      hex(frozen.signature),
    ),
  };
}
