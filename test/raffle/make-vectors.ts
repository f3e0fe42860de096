import { writeFileSync } from 'node:fs';
import type { ProofDocument } from '../../shared/raffle/proof-document.ts';
import type { Rules } from '../../shared/raffle/rules.ts';
import { verifyDraw } from '../../shared/raffle/verify-draw.ts';
import { drawOf, quicknetRound, receiptOf } from './draw-fixture.ts';
import { changedBy, type Change } from './tampering.ts';

// Writes vectors.json. Run by hand, and only when a new format version is made: the vectors of a version never change once it is released.

const beacon = { beacon: { chain: 'quicknet', round: quicknetRound.round } } satisfies Partial<Rules>;
const beaconOnly = { ...beacon, ifUnrevealed: 'beacon-only' } satisfies Partial<Rules>;
const kinds: { name: string; entries?: number; wishes: Parameters<typeof drawOf>[2] }[] = [
  { name: 'seed alone', wishes: {} },
  { name: 'seed and beacon', wishes: { rules: beacon } },
  { name: 'not revealed, nobody wins', wishes: { revealed: false } },
  { name: 'not revealed, beacon alone', wishes: { rules: beaconOnly, revealed: false } },
  { name: 'frozen too late, nobody wins', wishes: { rules: beacon, frozenLate: true, revealed: false } },
  { name: 'one entry', entries: 1, wishes: {} },
  { name: 'nobody entered', entries: 0, wishes: {} },
];

const draws: { name: string; document: ProofDocument; receipt: unknown }[] = [];
for (const { name, entries = 7, wishes } of kinds) {
  const document = await drawOf(name, entries, wishes);
  const receipt = entries > 0 ? await receiptOf(name, document, Math.min(4, entries - 1)) : null;
  draws.push({ name, document, receipt });
}

const zeros = (bytes: number): string => '00'.repeat(bytes);
const [, withBeacon] = draws;
const { winners, alternates, rules } = draws[0]!.document;
/** What a verifier must find out, and one change that is allowed. */
const changes: { name: string; of: string; change: Change }[] = [
  {
    name: 'two places changed hands',
    of: 'seed alone',
    change: { '/winners/0': winners[1], '/winners/1': winners[0] },
  },
  { name: 'an alternate is left out', of: 'seed alone', change: { '/alternates': alternates.slice(1) } },
  { name: 'another nonce in an entry', of: 'seed alone', change: { '/entries/inline/3/nonce': zeros(16) } },
  { name: 'another number in an entry', of: 'seed alone', change: { '/entries/inline/3/number': 4 } },
  { name: 'another seed', of: 'seed alone', change: { '/seed': zeros(32) } },
  { name: 'the seed is withheld, and there are winners', of: 'seed alone', change: { '/seed': null } },
  { name: 'more prizes than were published', of: 'seed alone', change: { '/rules/prizeCount': 4 } },
  { name: 'another signature of the list', of: 'seed alone', change: { '/frozen/signature': zeros(64) } },
  {
    name: 'sealed before entry closed',
    of: 'seed alone',
    change: { '/frozen/frozenAtMs': rules.closesAtMs - 1 },
  },
  { name: 'a member that the form has not', of: 'seed alone', change: { '/note': 'trust me' } },
  { name: 'another round', of: 'seed and beacon', change: { '/beacon/round': quicknetRound.round + 1 } },
  { name: 'another number in the round', of: 'seed and beacon', change: { '/beacon/randomness': zeros(32) } },
  {
    name: 'frozen too late, with its round',
    of: 'frozen too late, nobody wins',
    change: { '/beacon': withBeacon!.document.beacon },
  },
  {
    name: 'the round is not to be had, nobody wins',
    of: 'not revealed, beacon alone',
    change: { '/beacon': null, '/winners': [], '/alternates': [] },
  },
];

const changed = [];
for (const { name, of, change } of changes) {
  const { document } = draws.find((draw) => draw.name === of)!;
  const steps = await verifyDraw(changedBy(document, change));
  changed.push({ name, of, change, fails: steps.filter(({ ok }) => !ok).map(({ check }) => check) });
}
const file = new URL('./vectors.json', import.meta.url);
writeFileSync(file, `${JSON.stringify({ draws, changed }, null, 2)}\n`);
