import { z } from 'zod';
import { Id, RequestKey, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { Digest, Entry, Nonce } from '../raffle/entry.ts';
import { DrandChain } from '../raffle/beacon.ts';
import { Frozen } from '../raffle/proof-document.ts';
import { InclusionProof, Receipt } from '../raffle/receipt.ts';
import { claimMsDefault, Prize, Rules, Task, winnersMax } from '../raffle/rules.ts';
import { filledLine, isAllSeen, prose } from '../text.ts';
import { PostalAddress } from './address.ts';
import { command, roomEvent } from './define.ts';

export const giveawayLimits = {
  /** Giveaways of one room that are open or about to open at the same time. */
  openPerRoomMax: 10,
  /** From publication to the close at the most, and from opening to the close at the least, ms. */
  aheadMsMax: 30 * 86_400_000,
  windowMsMin: 5_000,
} as const;

export const GiveawayState = z.enum(['published', 'closing', 'frozen', 'drawn', 'void', 'cancelled']);
export type GiveawayState = z.infer<typeof GiveawayState>;

/** A winner as everybody sees one: enough to find oneself, too little to find somebody else. */
export const ShownWinner = z.object({
  place: z.int().nonnegative(),
  entryNumber: z.int().nonnegative(),
  entryId: z.string(),
  name: z.string().describe('Shortened.'),
});

export type ShownWinner = z.infer<typeof ShownWinner>;

/** A giveaway as everybody in the room may see it. */
export const Giveaway = z.object({
  giveawayId: Id,
  roomId: Id,
  state: GiveawayState,
  rules: Rules,
  rulesHash: Digest,
  entryCount: z.int().nonnegative(),
  frozen: Frozen.nullable(),
  winners: z
    .array(ShownWinner)
    .describe('Who has its prizes now: the first hundred, empty before the draw. The proof document has all places.'),
  cancelReason: z.string().nullable(),
});
export type Giveaway = z.infer<typeof Giveaway>;

/** A task and how far one is with it. `have` and `need` are in the unit of the task: minutes, level, or 0 and 1. */
export const TaskProgress = z.object({ task: z.string(), done: z.boolean(), have: z.int(), need: z.int() });
export type TaskProgress = z.infer<typeof TaskProgress>;

const Award = z.object({
  giveawayId: Id,
  place: z.int().nonnegative(),
  state: z.enum(['waiting', 'offered', 'claimed', 'forfeited', 'absent']),
  prize: Prize,
  title: z.string(),
  claimByMs: UnixMs.nullable().describe(
    'Null while there is nothing to claim. Later by as long as nobody was up meanwhile.',
  ),
});
export type Award = z.infer<typeof Award>;

const FunnelCounts = z.object({ viewers: z.int(), entrants: z.int(), joined: z.int(), buyers: z.int() });

/** What a host writes must be visible; a proof that was published before is not asked. */
const unseenRefused = { message: 'has characters that can not be seen' };
const SeenTask = Task.refine((task) => task.task !== 'comment' || isAllSeen(task.keyword), {
  ...unseenRefused,
  path: ['keyword'],
});

const OfGiveaway = z.strictObject({ giveawayId: Id });

export const giveawayCommands = {
  'giveaway:publish': command({
    summary: 'Publishes a giveaway. Its rules are hashed, tied to a secret seed, and can never be changed.',
    input: z.strictObject({
      roomId: Id,
      kind: z.enum(['lucky-bag', 'raffle-drop']),
      title: filledLine(200),
      regionNote: prose(2_000)
        .optional()
        .describe(
          'Default: "No purchase necessary." With the task bought-in-room it must be said, because the default is not true.',
        ),
      prize: Prize.refine((prize) => !('what' in prize) || isAllSeen(prize.what), { ...unseenRefused, path: ['what'] }),
      prizeCount: z.int().min(1).max(winnersMax),
      alternateCount: z.int().min(0).max(winnersMax).optional().describe('Default: as many as prizes.'),
      tasks: z.array(SeenTask).max(10).default([]),
      opensAtMs: UnixMs.optional().describe('Default: now.'),
      closesAtMs: UnixMs,
      claimMs: z
        .int()
        .min(60_000)
        .max(90 * 86_400_000)
        .default(claimMsDefault),
      beacon: DrandChain.nullable()
        .default(null)
        .describe('A public randomness chain as further input; needs the internet.'),
      ifUnrevealed: z.enum(['void', 'beacon-only']).default('void'),
      requestKey: RequestKey,
    }),
    output: Giveaway,
    http: { method: 'POST', path: '/api/rooms/:roomId/giveaways' },
  }),
  'giveaway:list': command({
    summary: 'Giveaways of a room: those that are not over first, then the newest. 50 at the most.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ giveaways: z.array(Giveaway) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/giveaways' },
  }),
  'giveaway:get': command({
    summary: 'One giveaway. Public, as are its rules and its result.',
    input: OfGiveaway,
    output: Giveaway,
    http: { method: 'GET', path: '/api/giveaways/:giveawayId' },
  }),
  'giveaway:own': command({
    summary: 'How one stands to a giveaway: tasks done and missing, the receipt, and what one won.',
    input: OfGiveaway,
    output: z.object({ tasks: z.array(TaskProgress), receipt: Receipt.nullable(), award: Award.nullable() }),
    http: { method: 'GET', path: '/api/giveaways/:giveawayId/own' },
  }),
  'giveaway:enter': command({
    summary: 'Enters a giveaway, once. The answer is a signed receipt; entering again answers with the same entry.',
    input: z.strictObject({ giveawayId: Id, nonce: Nonce.describe('16 random bytes of your own device, hex.') }),
    output: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('entered'), receipt: Receipt }),
      z.object({ outcome: z.literal('not_qualified'), missing: z.array(TaskProgress) }),
      z.object({ outcome: z.enum(['not_open', 'closed', 'full']) }),
    ]),
    http: { method: 'POST', path: '/api/giveaways/:giveawayId/entries' },
  }),
  'giveaway:cancel': command({
    summary: 'Cancels a giveaway before it closes. The reason stays visible for ever.',
    input: z.strictObject({ giveawayId: Id, reason: filledLine(500) }),
    output: z.object({ outcome: z.enum(['cancelled', 'too_late']) }),
    http: { method: 'POST', path: '/api/giveaways/:giveawayId/cancel' },
  }),
  'giveaway:wins': command({
    summary: 'What one won and has, or may still claim; newest first.',
    input: z.strictObject({}),
    output: z.object({ awards: z.array(Award) }),
    http: { method: 'GET', path: '/api/giveaways/wins' },
  }),
  'giveaway:claim': command({
    summary: 'Claims a won prize before its time is up.',
    input: z.strictObject({
      giveawayId: Id,
      addressId: Id.optional().describe('Where the prize is sent. Goods need one.'),
    }),
    output: z.object({
      outcome: z
        .enum(['claimed', 'nothing_to_claim', 'too_late', 'buy_instead', 'address_first'])
        .describe('buy_instead: a right to buy is used by buying. address_first: goods are claimed with an address.'),
    }),
    http: { method: 'POST', path: '/api/giveaways/:giveawayId/claim' },
  }),
  'giveaway:winners': command({
    summary: 'Who won, who claimed, and where to send it, in order of place. For the people who run the room.',
    input: OfGiveaway.extend({
      rows: z.int().min(1).max(limits.pageRowsMax).default(limits.pageRowsMax),
      after: z.int().min(0).optional().describe('The last place one has.'),
    }),
    output: z.object({
      winners: z.array(
        z.object({
          place: z.int(),
          personId: Id,
          name: z.string(),
          state: Award.shape.state,
          claimByMs: UnixMs.nullable(),
          address: PostalAddress.nullable().describe('Where goods go, as it was when the prize was claimed.'),
        }),
      ),
    }),
    http: { method: 'GET', path: '/api/giveaways/:giveawayId/winners' },
  }),
  'giveaway:inclusion': command({
    summary: 'The way from an entry to the root of the frozen list.',
    input: z.strictObject({ giveawayId: Id, entryNumber: z.int().min(0) }),
    output: z.object({ entry: Entry, inclusion: InclusionProof, frozen: Frozen }),
    http: { method: 'GET', path: '/api/giveaways/:giveawayId/inclusion/:entryNumber' },
  }),
  'giveaway:funnel': command({
    summary: 'How many viewers of the room entered, became fans since it was published, and bought.',
    input: OfGiveaway,
    output: FunnelCounts,
    http: { method: 'GET', path: '/api/giveaways/:giveawayId/funnel' },
  }),
};

const Of = { giveawayId: Id };

/** Every step of a giveaway, in the room log. How many have entered travels as the aggregate `entries:GIVEAWAY_ID`. */
export const giveawayEvents = {
  'giveaway:published': roomEvent('host', z.object({ ...Of, rules: Rules, rulesHash: Digest })),
  'giveaway:cancelled': roomEvent('host', z.object({ ...Of, reason: z.string() })),
  'giveaway:closed': roomEvent('host', z.object({ ...Of, entryCount: z.int() })),
  'giveaway:frozen': roomEvent('host', z.object({ ...Of, frozen: Frozen })),
  /** From viewer to entrant, to fan, to buyer since they entered: as it was at the draw, and once more when no prize can be claimed any more. */
  'giveaway:counted': roomEvent(
    'host',
    z.object({
      ...Of,
      claimsOver: z.boolean().default(false).describe('False at the draw, true at the end.'),
      ...FunnelCounts.shape,
    }),
  ),
  'giveaway:drawn': roomEvent('host', z.object({ ...Of, seed: Digest.nullable(), winners: z.array(ShownWinner) })),
  'giveaway:void': roomEvent('host', z.object({ ...Of, reason: z.string() })),
  /** Places whose prize was not claimed in time, the best first, and no more than winners are shown: whether somebody follows them or nobody is left. */
  'giveaway:lapsed': roomEvent(
    'host',
    z.object({
      ...Of,
      places: z.array(z.int().nonnegative()),
      winners: z
        .array(ShownWinner)
        .optional()
        .describe('Who has its prizes now, where more people have one than are shown.'),
    }),
  ),
  /** Prizes nobody claimed went to the next places. */
  'giveaway:passed-on': roomEvent('host', z.object({ ...Of, winners: z.array(ShownWinner) })),
};

/** To every socket of a winner. */
export const giveawayNotices = {
  'giveaway:won': Award,
};
