import { roundAtMs } from './beacon.ts';
import type { Loose } from './hashes.ts';

// Sections "The rules", "The proof document" and "The receipt" of docs/provably-fair.md: which members there are and what they may be.

type Check = (value: any) => boolean;

const int =
  (min: number, max: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && value >= min && value <= max;
const text =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'string' && value.length >= min && value.length <= max && value.isWellFormed();
const bytes =
  (...lengths: number[]): Check =>
  (value) =>
    typeof value === 'string' && /^[0-9a-f]*$/.test(value) && lengths.includes(value.length / 2);
const one =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value);
const list =
  (max: number, item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= max && value.every(item);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** An object with exactly these members; a name with `?` may be missing. */
const members =
  (checks: Record<string, Check>): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const names = Object.keys(checks).map((name) => name.replace('?', ''));
    return (
      Object.keys(value).every((name) => names.includes(name)) &&
      Object.entries(checks).every(([name, check]) => {
        const member = value[name.replace('?', '')];
        return member === undefined ? name.endsWith('?') : check(member);
      })
    );
  };
const anyOf =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));

const instant = int(0, 8_640_000_000_000_000);
const uuidText: Check = (value) =>
  typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
const currency: Check = (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value);
const minor = int(0, Number.MAX_SAFE_INTEGER);

const task = anyOf(
  members({ task: one('follow', 'present-at-draw', 'bought-in-room') }),
  members({ task: one('fan-club'), levelMin: int(1, 20) }),
  members({ task: one('comment'), keyword: text(1, 100) }),
  members({ task: one('watch'), minutes: int(1, 720) }),
);
const prize = anyOf(
  members({ prize: one('goods'), what: text(1, 200), valueMinor: minor, currency }),
  members({ prize: one('points'), points: int(1, 1_000_000) }),
  members({
    prize: one('right-to-buy'),
    offerId: text(1, 64),
    what: text(1, 200),
    units: int(1, 99),
    priceMinor: minor,
    currency,
    minutes: int(1, 10_080),
  }),
);
const rulesMembers = members({
  format: one('nightmarket-raffle-rules/1'),
  giveawayId: text(1, 64),
  roomId: text(1, 64),
  kind: one('lucky-bag', 'raffle-drop'),
  title: text(1, 200),
  organiser: text(1, 200),
  regionNote: text(0, 2_000),
  prize,
  prizeCount: int(1, 10_000),
  alternateCount: int(0, 10_000),
  tasks: list(10, task),
  weights: one('equal'),
  opensAtMs: instant,
  closesAtMs: instant,
  revealByMs: instant,
  claimMs: int(60_000, 7_776_000_000),
  method: one('hmac-sha256-lowest/1'),
  seedCommitment: bytes(32),
  signingKey: bytes(32),
  beacon: orNull(members({ chain: one('quicknet', 'default'), round: int(1, Number.MAX_SAFE_INTEGER) })),
  ifUnrevealed: one('void', 'beacon-only'),
});
const rules: Check = (value) => rulesMembers(value) && !contradictsItself(value);

function contradictsItself({ tasks, kind, prize: won, opensAtMs, closesAtMs, revealByMs, ...rest }: Loose): boolean {
  const names = (tasks as Loose[]).map((each) => each['task']);
  const { beacon, ifUnrevealed } = rest;
  const roundMs = beacon === null ? 0 : roundAtMs(beacon.chain, beacon.round);
  return (
    closesAtMs <= opensAtMs ||
    revealByMs <= closesAtMs ||
    (kind === 'raffle-drop') !== (won.prize === 'right-to-buy') ||
    (beacon !== null && (roundMs < (closesAtMs as number) + 10_000 || roundMs >= revealByMs)) ||
    (beacon === null && ifUnrevealed === 'beacon-only') ||
    new Set(names).size !== names.length
  );
}

const entry = members({ number: int(0, 3_999_999), id: uuidText, entrant: bytes(32), nonce: bytes(16) });
const placed = members({ entryNumber: int(0, 3_999_999), entryId: uuidText, score: bytes(32) });

export const isProofDocument = members({
  format: one('nightmarket-raffle-proof/1'),
  rules,
  rulesHash: bytes(32),
  frozen: members({ entryCount: int(0, 4_000_000), root: bytes(32), frozenAtMs: instant, signature: bytes(64) }),
  seed: orNull(bytes(32)),
  beacon: orNull(
    members({
      round: int(1, Number.MAX_SAFE_INTEGER),
      randomness: bytes(32),
      signature: bytes(48, 96),
      'previous_signature?': bytes(32, 96),
    }),
  ),
  entries: anyOf(members({ inline: list(10_000, entry) }), members({ ndjson: text(1, 2_000) })),
  winners: list(10_000, placed),
  alternates: list(10_000, placed),
});

export const isReceipt = members({
  format: one('nightmarket-raffle-receipt/1'),
  giveawayId: text(1, 64),
  rulesHash: bytes(32),
  entry,
  entrantSalt: bytes(32),
  batch: members({ size: int(1, 4_096), index: int(0, 4_095), path: list(32, bytes(32)) }),
  signature: bytes(64),
});
