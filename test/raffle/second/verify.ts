import { chains, roundAtMs } from './beacon.ts';
import { isProofDocument, isReceipt } from './form.ts';
import { canonical, H, HMAC, hex, isSigned, leafOf, rootOfPath, treeRoot, u, uuid, type Loose } from './hashes.ts';

// A second verifier, written from docs/provably-fair.md alone, in the plainest way, sharing no code with shared/raffle/: if the document is
// wrong or says too little, the two disagree. It takes the BLS signature of a beacon round as given; drand's own library checks that one.

/** Whether the BLS signature of a round is good under the key of its chain. */
export type IsBlsGood = (chain: string, round: number, beacon: any) => Promise<boolean>;

/** The steps that fail, by name; an empty list means that the draw is right. Takes documents that carry their entries. */
export async function failedSteps(document: unknown, isBlsGood: IsBlsGood): Promise<string[]> {
  if (!isProofDocument(document)) return ['format'];
  const proof = document as Loose;
  const entries: Loose[] = proof['entries'].inline;
  const list = isCompleteList(proof, entries);
  const expected = list ? recompute(proof) : null;
  const steps: [string, boolean][] = [
    ['rules', proof['rulesHash'] === rulesHashOf(proof)],
    ['signature', isFrozenSigned(proof)],
    ['close', proof['frozen'].frozenAtMs >= proof['rules'].closesAtMs],
    ['seed', proof['seed'] === null || H(hex(proof['seed'])).toString('hex') === proof['rules'].seedCommitment],
    ['beacon', await isBeaconRight(proof, isBlsGood)],
    ['entries', list],
    ['root', expected?.root === proof['frozen'].root],
    ['winners', isSame(expected?.winners, proof['winners'])],
    ['alternates', isSame(expected?.alternates, proof['alternates'])],
  ];
  return steps.filter(([, ok]) => !ok).map(([name]) => name);
}

/** The steps of a receipt that fail, by name. `accountId`, `nonce` and the list of a draw are looked at when they are given. */
export function failedReceiptSteps(
  candidate: unknown,
  rules: Loose,
  known: { accountId?: string; nonce?: string; list?: Loose[] } = {},
): string[] {
  if (!isReceipt(candidate)) return ['format'];
  const { giveawayId, rulesHash, entry, entrantSalt, batch, signature } = candidate as Loose;
  const { accountId, nonce, list } = known;
  const leaf = leafOf(entry);
  const root = rootOfPath(leaf, batch.index, batch.size, batch.path);
  const pseudonym = (account: string) => H('nm-raffle-v1:entrant', hex(entrantSalt), account).toString('hex');
  const listed = list?.[entry.number];
  const isBatchSigned = (signed: Buffer) =>
    isSigned(rules['signingKey'], signature, 'nm-raffle-v1:batch', hex(rulesHash), u(8, batch.size), signed);
  const steps: [string, boolean][] = [
    ['giveaway', giveawayId === rules['giveawayId']],
    ['rules', rulesHash === H(canonical(rules)).toString('hex')],
    ['batch', Boolean(root) && isBatchSigned(root!)],
    ['account', accountId === undefined || pseudonym(accountId) === entry.entrant],
    ['nonce', nonce === undefined || nonce === entry.nonce],
    ['included', list === undefined || (listed !== undefined && leafOf(listed).equals(leaf))],
  ];
  return steps.filter(([, ok]) => !ok).map(([name]) => name);
}

const rulesHashOf = ({ rules }: Loose) => H(canonical(rules)).toString('hex');

function isFrozenSigned({ rules, rulesHash, frozen }: Loose): boolean {
  const { entryCount, root, frozenAtMs, signature } = frozen;
  const statement = ['nm-raffle-v1:frozen', hex(rulesHash), u(8, entryCount), hex(root), u(8, frozenAtMs)];
  return isSigned(rules.signingKey, signature, ...statement);
}

function isCompleteList({ frozen }: Loose, entries: Loose[]): boolean {
  const ids = new Set(entries.map(({ id }) => id));
  const entrants = new Set(entries.map(({ entrant }) => entrant));
  return (
    entries.length === frozen.entryCount &&
    entries.every(({ number }, i) => number === i) &&
    ids.size === entries.length &&
    entrants.size === entries.length
  );
}

function frozenTooLate({ rules, frozen }: Loose): boolean {
  return rules.beacon !== null && frozen.frozenAtMs >= roundAtMs(rules.beacon.chain, rules.beacon.round);
}

async function isBeaconRight(proof: Loose, isBlsGood: IsBlsGood): Promise<boolean> {
  const { rules, seed, beacon } = proof;
  if (rules.beacon === null) return beacon === null;
  if (frozenTooLate(proof)) return seed === null && beacon === null;
  if (beacon === null) return seed === null;
  const { chain, round } = rules.beacon;
  const isThatRound = beacon.round === round && H(hex(beacon.signature)).toString('hex') === beacon.randomness;
  return isThatRound && (await isBlsGood(chain, round, beacon));
}

/** Root and places that follow from the entries. */
function recompute(proof: Loose): { root: string; winners: Loose[]; alternates: Loose[] } {
  const { rules } = proof;
  const entries: Loose[] = proof['entries'].inline;
  const root = treeRoot(entries.map(leafOf));
  const key = keyOf(proof);
  const scored = entries.map(({ number, id }) => ({
    entryNumber: number,
    entryId: id,
    score: key ? HMAC(key, root, uuid(id)).toString('hex') : '',
  }));
  scored.sort((a, b) => (a.score < b.score ? -1 : 1));
  const places = key ? scored.slice(0, (rules.prizeCount as number) + (rules.alternateCount as number)) : [];
  return {
    root: root.toString('hex'),
    winners: places.slice(0, rules.prizeCount),
    alternates: places.slice(rules.prizeCount),
  };
}

/** Null when nobody wins. */
function keyOf(proof: Loose): Buffer | null {
  const { rules, rulesHash, seed, beacon } = proof;
  if (frozenTooLate(proof) || (seed === null && rules.ifUnrevealed === 'void')) return null;
  const secret = seed === null ? H('nm-raffle-v1:unrevealed', hex(rulesHash)) : hex(seed);
  if (rules.beacon === null) return secret;
  if (beacon === null) return null;
  const chainHash = hex(chains[rules.beacon.chain]!.hash);
  return HMAC(secret, 'nm-raffle-v1:beacon', chainHash, u(8, beacon.round), hex(beacon.randomness));
}

const isSame = (computed: unknown, published: unknown): boolean => canonical(computed) === canonical(published);
