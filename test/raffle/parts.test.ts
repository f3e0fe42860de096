import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beaconRoundAtMs, firstBeaconRoundFrom, verifyBeaconRound } from '../../shared/raffle/beacon.ts';
import { bytesOfHex, bytesOfText, concatBytes, hexOf } from '../../shared/raffle/bytes.ts';
import { canonicalJson, type Json } from '../../shared/raffle/canonical-json.ts';
import { sha256, webHashMany } from '../../shared/raffle/hash.ts';
import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import { plainHashMany } from '../../shared/raffle/hash-many.plain.ts';
import { merklePath, merkleRoot, rootOfPath } from '../../shared/raffle/merkle.ts';
import { entriesOfNdjson } from '../../shared/raffle/proof-document.ts';
import { firstRepeated } from '../../shared/raffle/repeated-entries.ts';
import { Rules } from '../../shared/raffle/rules.ts';
import { digestOf, quicknetRoundAtMs, rulesOf } from './draw-fixture.ts';
import { recordedRounds } from './recorded-rounds.ts';

describe('what a list may have once', () => {
  const bytes = (name: string, length: number) => digestOf(name).subarray(0, length);
  const listOf = (...entries: { id: string; entrant: string }[]) =>
    concatBytes(
      ...entries.map(({ id, entrant }) => concatBytes(bytes(id, 16), bytes(entrant, 32), bytes('nonce', 16))),
    );
  const own = (name: string) => ({ id: `id ${name}`, entrant: `entrant ${name}` });

  test('is told with the first entry that repeats it, and not when only a part of it is the same', () => {
    const [a, b, c] = [own('a'), own('b'), own('c')];
    expect(firstRepeated(listOf(a, b, c))).toBeNull();
    expect(firstRepeated(listOf())).toBeNull();
    expect(firstRepeated(listOf(a, b, { ...c, id: a.id }, { ...own('d'), entrant: b.entrant }))).toBe(2);
    expect(firstRepeated(listOf(a, b, { ...c, entrant: a.entrant }, b))).toBe(2);
    const alike = listOf(a, b);
    alike.copyWithin(64 + 8, 8, 16); // The half of an id that is compared first.
    alike.copyWithin(64 + 16, 16, 24);
    expect(firstRepeated(alike)).toBeNull();
  });
});

describe('canonical JSON', () => {
  test('writes the example of RFC 8785, section 3.2.2, as the RFC does', () => {
    const example = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\/',
      literals: [null, true, false],
    };

    expect(canonicalJson(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts names by UTF-16 code units, as section 3.2.3 asks', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const sorted = Object.keys(JSON.parse(canonicalJson(Object.fromEntries(names.map((name) => [name, 0])))) as object);

    // '1' comes first in any object because engines list integer names first; the rest is the RFC's order.
    expect(sorted.filter((name) => name !== '1')).toEqual([
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ]);
  });

  test('keeps every JSON value, and ignores the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      }),
    );
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['\ud800'], [undefined], [new Date(0)]])(
    'refuses %o',
    (value) => {
      expect(() => canonicalJson(value as unknown as Json)).toThrow(TypeError);
    },
  );
});

describe('the Merkle tree', () => {
  // The test inputs of the Certificate Transparency reference implementation, for RFC 6962.
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const leafOf = (input: string) => sha256(concatBytes(Uint8Array.of(0), bytesOfHex(input)));

  test('has the published roots of RFC 6962 for 0 to 8 leaves', async () => {
    const leaves = await Promise.all(inputs.map(leafOf));

    expect(hexOf(await merkleRoot(new Uint8Array(0)))).toBe(hexOf(await sha256(bytesOfText(''))));
    for (const [i, root] of roots.entries())
      expect(hexOf(await merkleRoot(concatBytes(...leaves.slice(0, i + 1))))).toBe(root);
  });

  test('has a path from every leaf to the root, and from no other place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), async (count, at, elsewhere) => {
        const leaves = await nodeHashMany(messagesOf(count, 'leaf', 4, (i) => String(i).padStart(4)));
        const index = at % count;
        const leaf = leaves.slice(index * 32, (index + 1) * 32);
        const root = hexOf(await merkleRoot(leaves, nodeHashMany));
        const path = await merklePath(leaves, index, nodeHashMany);

        expect(hexOf((await rootOfPath(leaf, index, count, path))!)).toBe(root);
        const other = await rootOfPath(leaf, elsewhere % (count + 1), count, path);
        if (elsewhere % (count + 1) !== index) expect(other && hexOf(other)).not.toBe(root);
      }),
    );
  });
});

test('all ways to hash many messages give what one hash gives', async () => {
  const messages = messagesOf(2_500, 'number ', 4, (i) => String(i).padStart(4));
  const [web, node] = [await webHashMany(messages), await nodeHashMany(messages)];

  expect(hexOf(node)).toBe(hexOf(web));
  expect(hexOf(await plainHashMany(messages))).toBe(hexOf(web));
  // Around the ends of blocks the padding begins another one.
  for (const length of [1, 48, 49, 57, 112, 113]) {
    const some = messagesOf(3, 'number ', length, (i) => String(i).padEnd(length, 'xyz'));
    expect(hexOf(await plainHashMany(some)), `${length}`).toBe(hexOf(await nodeHashMany(some)));
  }
  expect(hexOf(web.subarray(32 * 2_499))).toBe(hexOf(await sha256(bytesOfText('number 2499'))));
});

describe('drand rounds', () => {
  test.each(recordedRounds)('accepts a recorded round: $chain $recorded.round', async ({ chain, recorded }) => {
    expect(await verifyBeaconRound(chain, recorded.round, recorded)).toBe(true);
  });

  test('refuses another number, another chain, another randomness and a bent signature', async () => {
    const { chain, recorded } = recordedRounds[0]!;
    const next = recorded.round + 1;
    const bent = recorded.signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));

    expect(await verifyBeaconRound(chain, next, recorded)).toBe(false);
    expect(await verifyBeaconRound(chain, next, { ...recorded, round: next })).toBe(false);
    expect(await verifyBeaconRound('default', recorded.round, recorded)).toBe(false);
    expect(await verifyBeaconRound(chain, recorded.round, { ...recorded, randomness: '00'.repeat(32) })).toBe(false);
    expect(await verifyBeaconRound(chain, recorded.round, { ...recorded, signature: bent })).toBe(false);
  });

  test('knows when a round comes, and which round comes next', () => {
    expect(beaconRoundAtMs('quicknet', 657_413)).toBe(quicknetRoundAtMs);
    expect(firstBeaconRoundFrom('quicknet', quicknetRoundAtMs)).toBe(657_413);
    expect(firstBeaconRoundFrom('quicknet', quicknetRoundAtMs + 1)).toBe(657_414);
    expect(firstBeaconRoundFrom('default', 0)).toBe(1);
  });
});

describe('rules', () => {
  const good = rulesOf('rules');

  test.each([
    ['a close before the opening', { closesAtMs: good.opensAtMs }],
    ['a reveal before the close', { revealByMs: good.closesAtMs }],
    ['a raffle drop that gives goods', { kind: 'raffle-drop' }],
    ['a beacon round that comes too early', { beacon: { chain: 'quicknet', round: 657_409 } }],
    ['a beacon round after the last moment to reveal', { beacon: { chain: 'quicknet', round: 999_999 } }],
    ['a fall-back on a beacon that is not named', { ifUnrevealed: 'beacon-only' }],
    ['the same task twice', { tasks: [{ task: 'follow' }, { task: 'follow' }] }],
    ['weights', { weights: 'by-level' }],
    ['an unknown field', { bonus: 1 }],
    ['text that is not Unicode', { title: '\ud800' }],
  ])('refuse %s', (_what, change) => {
    expect(Rules.safeParse({ ...good, ...change }).success).toBe(false);
  });

  test('accept a beacon round that comes in time', () => {
    expect(Rules.safeParse({ ...good, beacon: { chain: 'quicknet', round: 657_413 } }).success).toBe(true);
  });
});

test('an entry file with an endless line is refused before it fills memory', async () => {
  async function* endless() {
    for (;;) yield Buffer.from('x'.repeat(400));
  }

  await expect(entriesOfNdjson(endless()).next()).rejects.toThrow(RangeError);
});

const messagesOf = (count: number, prefix: string, restBytes: number, restOf: (index: number) => string) => ({
  count,
  prefix: bytesOfText(prefix),
  restBytes,
  write: (target: Uint8Array, offset: number, index: number) => target.set(bytesOfText(restOf(index)), offset),
});
