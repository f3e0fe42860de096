import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import { entriesOfNdjson, ndjsonLine } from '../../shared/raffle/proof-document.ts';
import { allOk } from '../../shared/raffle/proof-step.ts';
import { verifyDraw } from '../../shared/raffle/verify-draw.ts';
import { whyVoid } from '../../shared/raffle/void.ts';
import { drawOf, quicknetRound } from './draw-fixture.ts';
import { isBlsGood } from './bls.ts';
import { changedAt, leafPaths } from './tampering.ts';
import { failedSteps } from './second/verify.ts';

const withBeacon = { beacon: { chain: 'quicknet' as const, round: quicknetRound.round } };

/** The steps that fail: the same ones, in the same order, by both verifiers. */
async function failedChecks(document: unknown): Promise<string[]> {
  const steps = await verifyDraw(document, { hashMany: nodeHashMany });
  const failed = steps.filter(({ ok }) => !ok).map(({ check }) => check);
  expect(await failedSteps(document, isBlsGood)).toEqual(failed);
  return failed;
}

describe('a draw as it was published', () => {
  test.each([0, 1, 2, 3, 5, 6, 100])('holds with %i entries', async (count) => {
    expect(await failedChecks(await drawOf('plain', count))).toEqual([]);
  });

  test('holds with a real drand round as further input', async () => {
    expect(await failedChecks(await drawOf('beacon', 20, { rules: withBeacon }))).toEqual([]);
  });

  test('holds when the seed was not revealed and the rules say nobody wins', async () => {
    const document = await drawOf('void', 20, { revealed: false });

    expect(document.winners).toEqual([]);
    expect(await failedChecks(document)).toEqual([]);
  });

  test('holds when the seed was not revealed and the rules fall back on the beacon', async () => {
    const rules = { ...withBeacon, ifUnrevealed: 'beacon-only' as const };
    const document = await drawOf('fallback', 20, { rules, revealed: false });

    expect(document.winners).toHaveLength(3);
    expect(await failedChecks(document)).toEqual([]);
  });

  test('gives the same steps by Web Crypto as by Node', async () => {
    const document = await drawOf('browser', 40);

    expect(await verifyDraw(document)).toEqual(await verifyDraw(document, { hashMany: nodeHashMany }));
  });

  test('holds when the list is a file of its own that arrives in pieces', async () => {
    const document = await drawOf('file', 50);
    const file = Buffer.from('inline' in document.entries ? document.entries.inline.map(ndjsonLine).join('') : '');
    async function* pieces() {
      for (let start = 0; start < file.length; start += 77) yield file.subarray(start, start + 77);
    }

    const steps = await verifyDraw(
      { ...document, entries: { ndjson: 'entries' } },
      { readEntries: () => entriesOfNdjson(pieces()) },
    );

    expect(allOk(steps)).toBe(true);
  });
});

describe('a draw that was tampered with', () => {
  test('is refused whatever field of it is changed', async () => {
    const document = await drawOf('tampered', 6);
    const paths = leafPaths(document);
    expect(paths.length).toBeGreaterThan(60);

    for (const path of paths) expect(await failedChecks(changedAt(document, path)), path.join('.')).not.toEqual([]);
  });

  test('is refused whatever field of its beacon is changed', async () => {
    const document = await drawOf('tampered', 6, { rules: withBeacon });
    const paths = leafPaths(document).filter((path) => path.includes('beacon'));
    expect(paths).toHaveLength(5);

    for (const path of paths) expect(await failedChecks(changedAt(document, path)), path.join('.')).not.toEqual([]);
  });

  test('names the step that fails', async () => {
    const document = await drawOf('named', 6);
    const other = await drawOf('other', 6);

    expect(await failedChecks({ ...document, seed: other.seed })).toEqual(['seed', 'winners', 'alternates']);
    expect(await failedChecks({ ...document, winners: [...document.winners].reverse() })).toEqual(['winners']);
    expect(await failedChecks({ ...document, winners: document.winners.slice(0, 2) })).toEqual(['winners']);
    expect(await failedChecks({ ...document, frozen: other.frozen })).toEqual(['signature', 'root']);
    expect(await failedChecks({ ...document, extra: 1 })).toEqual(['format']);
  });

  test('is refused when an entry is left out, added, moved or doubled', async () => {
    const document = await drawOf('list', 6);
    const entries = 'inline' in document.entries ? document.entries.inline : [];
    const last = entries.at(-1)!;
    const withList = (inline: typeof entries) => failedChecks({ ...document, entries: { inline } });

    expect(await withList(entries.slice(0, -1))).toContain('entries');
    expect(await withList([...entries, { ...last, number: 6 }])).toContain('entries');
    expect(await withList([entries[1]!, entries[0]!, ...entries.slice(2)])).toContain('entries');
    expect(await withList([...entries.slice(0, -1), { ...entries[0]!, number: 5 }])).toContain('entries');
  });

  test('is refused when the list was frozen after the beacon was known', async () => {
    const document = await drawOf('late', 6, { rules: withBeacon });
    const late = { ...document.frozen, frozenAtMs: document.frozen.frozenAtMs + 60_000 };

    expect(await failedChecks({ ...document, frozen: late })).toContain('signature');
    expect(await failedChecks({ ...document, frozen: late })).toContain('beacon');
  });

  test('is void when its list was frozen too late for the beacon, whatever the rules say of the seed', async () => {
    const rules = { ...withBeacon, ifUnrevealed: 'beacon-only' as const };
    const document = await drawOf('late', 6, { rules, revealed: false, frozenLate: true });

    expect(document.winners).toEqual([]);
    expect(await failedChecks(document)).toEqual([]);
    const drawnAnyway = await drawOf('late', 6, { rules, revealed: false });
    expect(await failedChecks({ ...document, winners: drawnAnyway.winners })).toEqual(['winners']);
    expect(await failedChecks({ ...document, beacon: quicknetRound })).toEqual(['beacon']);
  });
});

test('a draw that its beacon alone should decide is void without its round, and has no winners', async () => {
  const rules = { ...withBeacon, ifUnrevealed: 'beacon-only' as const };
  const drawn = await drawOf('no round', 6, { rules, revealed: false });
  const none = { ...drawn, beacon: null, winners: [], alternates: [] };

  expect(await failedChecks(none)).toEqual([]);
  expect(whyVoid(none)).toBe('noRound');
  expect(await failedChecks({ ...none, winners: drawn.winners })).toEqual(['winners']);
  const { seed } = await drawOf('no round', 6, { rules });
  expect(await failedChecks({ ...none, seed })).toEqual(['beacon']);
});

test('a second verifier, written from the document alone, agrees on any draw', async () => {
  const wishes = fc.record({
    count: fc.nat({ max: 70 }),
    prizeCount: fc.integer({ min: 1, max: 9 }),
    alternateCount: fc.nat({ max: 9 }),
  });
  const kinds = fc.constantFrom({}, withBeacon, { ...withBeacon, ifUnrevealed: 'beacon-only' as const });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
      wishes,
      kinds,
      fc.boolean(),
      async (name, { count, ...rules }, kind, revealed) => {
        const document = await drawOf(name, count, { rules: { ...rules, ...kind }, revealed });

        expect(await failedChecks(document)).toEqual([]);
      },
    ),
    { numRuns: 60, seed: 6 },
  );
});
