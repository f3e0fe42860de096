import { writeFileSync } from 'node:fs';
import type { Rules } from '../../shared/raffle/rules.ts';
import { drawOf, quicknetRound, receiptOf } from './draw-fixture.ts';

// Writes vectors.json. Run by hand, and only when a new format version is made: the vectors of a version never change once it is released.

const beacon = { beacon: { chain: 'quicknet', round: quicknetRound.round } } satisfies Partial<Rules>;
const kinds: { name: string; wishes: Parameters<typeof drawOf>[2] }[] = [
  { name: 'seed alone', wishes: {} },
  { name: 'seed and beacon', wishes: { rules: beacon } },
  { name: 'not revealed, nobody wins', wishes: { revealed: false } },
  {
    name: 'not revealed, beacon alone',
    wishes: { rules: { ...beacon, ifUnrevealed: 'beacon-only' }, revealed: false },
  },
];

const draws = [];
for (const { name, wishes } of kinds) {
  const document = await drawOf(name, 7, wishes);
  draws.push({ name, document, receipt: await receiptOf(name, document, 4) });
}
writeFileSync(new URL('./vectors.json', import.meta.url), `${JSON.stringify({ draws }, null, 2)}\n`);
