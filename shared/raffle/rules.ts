import { z } from 'zod';
import { beaconRoundAtMs, DrandChain } from './beacon.ts';
import { bytesOfText, hexOf } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import { Digest } from './entry.ts';
import { sha256 } from './hash.ts';

/** Prizes of one giveaway, and alternates of one, at most. */
export const winnersMax = 10_000;
/** The beacon round must lie at least this far behind the close: the list has to be frozen before the round is known. */
export const beaconMarginMs = 10_000;
/** A winner has this long to claim unless the rules say otherwise. */
export const claimMsDefault = 48 * 3_600_000;

const Instant = z.int().min(0).max(8_640_000_000_000_000).describe('Unix epoch, ms.');
const isWellFormed = (text: string): boolean => text.isWellFormed();
/** What a text looks like is checked when rules are published: a proof must hold for ever, and what can be seen changes with Unicode. */
const Text = (charactersMax: number) =>
  z.string().min(1).max(charactersMax).refine(isWellFormed, 'has half of a surrogate pair');
const ObjectId = Text(64);

/** What an entrant must have done. The server checks each when the entry comes in, `present-at-draw` when entry closes. */
export const Task = z.discriminatedUnion('task', [
  z.strictObject({ task: z.literal('follow') }),
  z.strictObject({ task: z.literal('fan-club'), levelMin: z.int().min(1).max(20) }),
  z.strictObject({ task: z.literal('comment'), keyword: Text(100) }),
  z.strictObject({ task: z.literal('watch'), minutes: z.int().min(1).max(720) }),
  z.strictObject({ task: z.literal('present-at-draw') }),
  z.strictObject({ task: z.literal('bought-in-room') }),
]);
export type Task = z.infer<typeof Task>;

export const Prize = z.discriminatedUnion('prize', [
  z.strictObject({
    prize: z.literal('goods'),
    what: Text(200),
    valueMinor: z.int().min(0),
    currency: z.string().regex(/^[A-Z]{3}$/),
  }),
  z.strictObject({ prize: z.literal('points'), points: z.int().min(1).max(1_000_000) }),
  z.strictObject({
    prize: z.literal('right-to-buy'),
    offerId: ObjectId,
    what: Text(200),
    units: z.int().min(1).max(99),
    priceMinor: z
      .int()
      .min(0)
      .describe('What one unit costs whoever won. The offer keeps this price while a right may be used.'),
    currency: z.string().regex(/^[A-Z]{3}$/),
    minutes: z.int().min(1).max(10_080).describe('The right ends this long after it was awarded.'),
  }),
]);
export type Prize = z.infer<typeof Prize>;

/** The published rules of one draw. Their hash is what host and server are held to. */
export const Rules = z
  .strictObject({
    format: z.literal('nightmarket-raffle-rules/1'),
    giveawayId: ObjectId,
    roomId: ObjectId,
    kind: z.enum(['lucky-bag', 'raffle-drop']),
    title: Text(200),
    organiser: Text(200).describe('Who answers for the giveaway.'),
    regionNote: z
      .string()
      .max(2_000)
      .refine(isWellFormed, 'has half of a surrogate pair')
      .describe('Where it is open and what law asks to be said, such as "no purchase necessary".'),
    prize: Prize,
    prizeCount: z.int().min(1).max(winnersMax),
    alternateCount: z
      .int()
      .min(0)
      .max(winnersMax)
      .describe('Ranks behind the winners that are listed and take unclaimed prizes.'),
    tasks: z.array(Task).max(10),
    weights: z.literal('equal').describe('Every entry has the same chance. Version 1 knows nothing else.'),
    opensAtMs: Instant,
    closesAtMs: Instant,
    revealByMs: Instant.describe('When the seed has not been revealed by then, `ifUnrevealed` holds.'),
    claimMs: z
      .int()
      .min(60_000)
      .max(90 * 86_400_000),
    method: z.literal('hmac-sha256-lowest/1'),
    seedCommitment: Digest.describe('SHA-256 of the seed.'),
    signingKey: Digest.describe('Ed25519 public key of the receipts and of the frozen list.'),
    beacon: z.strictObject({ chain: DrandChain, round: z.int().min(1) }).nullable(),
    ifUnrevealed: z.enum(['void', 'beacon-only']),
  })
  .superRefine((rules, context) => {
    for (const message of contradictionsIn(rules)) context.addIssue({ code: 'custom', message });
  });
export type Rules = z.infer<typeof Rules>;

/** SHA-256 of the canonical JSON of the rules, hex. */
export async function hashOfRules(rules: Rules): Promise<string> {
  return hexOf(await sha256(bytesOfText(canonicalJson(rules))));
}

type Checked = Pick<
  Rules,
  'kind' | 'prize' | 'opensAtMs' | 'closesAtMs' | 'revealByMs' | 'beacon' | 'ifUnrevealed' | 'tasks'
>;

function contradictionsIn(rules: Checked): string[] {
  const roundAtMs = rules.beacon && beaconRoundAtMs(rules.beacon.chain, rules.beacon.round);
  const taskNames = rules.tasks.map(({ task }) => task);
  const contradictions: [boolean, string][] = [
    [rules.closesAtMs <= rules.opensAtMs, 'closesAtMs must be after opensAtMs'],
    [rules.revealByMs <= rules.closesAtMs, 'revealByMs must be after closesAtMs'],
    [
      (rules.kind === 'raffle-drop') !== (rules.prize.prize === 'right-to-buy'),
      'a raffle drop, and nothing else, gives a right to buy',
    ],
    [
      roundAtMs !== null && roundAtMs < rules.closesAtMs + beaconMarginMs,
      'the beacon round must come at least 10 s after closesAtMs',
    ],
    [roundAtMs !== null && roundAtMs >= rules.revealByMs, 'the beacon round must come before revealByMs'],
    [rules.ifUnrevealed === 'beacon-only' && rules.beacon === null, 'ifUnrevealed "beacon-only" needs a beacon'],
    [new Set(taskNames).size !== taskNames.length, 'each task may be asked once'],
  ];
  return contradictions.filter(([holds]) => holds).map(([, message]) => message);
}
