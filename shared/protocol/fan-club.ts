import { z } from 'zod';
import { levelMax } from '../fan-levels.ts';
import { Id, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { filledLine, prose } from '../text.ts';
import { command, roomEvent } from './define.ts';

/** Who may become a member at once: everybody, followers, buyers of this host; or whom the host lets in. */
export const JoinRule = z.enum(['open', 'follow', 'bought', 'approval']);
export type JoinRule = z.infer<typeof JoinRule>;

const Level = z.int().min(1).max(levelMax);
const OfClub = z.strictObject({ clubId: Id.describe("The host's person id: a host has one club.") });
const Text = prose(500);

export const Club = z.object({
  clubId: Id,
  joinRule: JoinRule,
  membersMax: z.int(),
  memberCount: z.int().nonnegative(),
  greeting: z.string().describe('Empty for others than members and the host, as is the announcement.'),
  announcement: z.string(),
  groupRoomId: Id.nullable().describe(
    "The club's own room; null for others than members and the host, and until the host opens it.",
  ),
  groupClosed: z
    .boolean()
    .describe('By an operator: nobody may enter it but those who run it, and nobody writes there.'),
});
export type Club = z.infer<typeof Club>;

export const Member = z.object({
  personId: Id,
  name: z.string(),
  level: Level,
  points: z.int().nonnegative(),
  joinedAtMs: UnixMs,
});
export type Member = z.infer<typeof Member>;

/** How one stands to a club oneself. */
const MembershipState = z.enum(['none', 'asked', 'member', 'left', 'refused']);
export const OwnMembership = z.object({
  state: MembershipState,
  level: Level.nullable().describe('Null unless a member.'),
  points: z.int().nonnegative(),
  nextLevelPoints: z.int().nullable().describe('Points from which the next level begins; null at the highest.'),
  decaysAtMs: UnixMs.nullable().describe('Points begin to decay then unless new ones come in; null without points.'),
});
export type OwnMembership = z.infer<typeof OwnMembership>;

const Decaying = z.object({
  clubId: Id,
  hostName: z.string(),
  points: z.int().positive(),
  decaysAtMs: UnixMs.describe('When the next points go.'),
});

export const fanClubCommands = {
  'fan-club:get': command({
    summary: 'A fan club, and how you stand to it.',
    input: OfClub,
    output: z.object({ club: Club, own: OwnMembership }),
    http: { method: 'GET', path: '/api/fan-clubs/:clubId' },
  }),
  'fan-club:set': command({
    summary: 'Opens your fan club, or changes who may join, its size, greeting and announcement.',
    input: z.strictObject({
      clubId: Id,
      joinRule: JoinRule.optional(),
      membersMax: z.int().min(1).max(1_000_000).optional(),
      greeting: Text.optional(),
      announcement: Text.optional(),
    }),
    output: Club,
    http: { method: 'PUT', path: '/api/fan-clubs/:clubId' },
  }),
  'fan-club:open-group': command({
    summary: "Opens the club's own always-on room, which only members may enter.",
    input: z.strictObject({ clubId: Id, title: filledLine(120) }),
    output: Club,
    http: { method: 'POST', path: '/api/fan-clubs/:clubId/group' },
  }),
  'fan-club:close-group': command({
    summary: "Closes a club's room, or opens it again. For operators: its host can do neither, nor open another one.",
    input: OfClub.extend({ closed: z.boolean() }),
    output: Club,
    http: { method: 'PUT', path: '/api/fan-clubs/:clubId/group' },
  }),
  'fan-club:join': command({
    summary: 'Joins a fan club, or comes back with the points one had.',
    input: OfClub.extend({
      roomId: Id.optional().describe(
        'The show this socket is in: it is told that somebody joined, if it is live and of this host.',
      ),
    }),
    output: z.object({
      outcome: z.enum(['joined', 'asked', 'full', 'follow_first', 'buy_first', 'refused']),
      greeting: z.string().nullable().describe('From the host; null unless joined.'),
      own: OwnMembership,
    }),
    http: { method: 'POST', path: '/api/fan-clubs/:clubId/join' },
  }),
  'fan-club:leave': command({
    summary: 'Leaves a fan club. Points stay on record for a return.',
    input: OfClub,
    output: z.object({ left: z.boolean() }),
    http: { method: 'POST', path: '/api/fan-clubs/:clubId/leave' },
  }),
  'fan-club:members': command({
    summary: 'Members with their levels, highest first.',
    input: z.strictObject({
      clubId: Id,
      rows: z.int().min(1).max(limits.pageRowsMax).default(50),
      after: z
        .strictObject({ points: z.int().min(0), personId: Id })
        .optional()
        .describe('The last member one has.'),
    }),
    output: z.object({ members: z.array(Member) }),
  }),
  'fan-club:requests': command({
    summary: 'People who asked to join, oldest first.',
    input: z.strictObject({ clubId: Id, rows: z.int().min(1).max(limits.pageRowsMax).default(50) }),
    output: z.object({ requests: z.array(z.object({ personId: Id, name: z.string(), askedAtMs: UnixMs })) }),
    http: { method: 'GET', path: '/api/fan-clubs/:clubId/requests' },
  }),
  'fan-club:decide': command({
    summary:
      'Lets in or refuses somebody who asked, or puts a member out. Accepting who was refused or put out lets them ask again.',
    input: z.strictObject({ clubId: Id, personId: Id, accept: z.boolean() }),
    output: z.object({ outcome: z.enum(['joined', 'refused', 'may_ask', 'full', 'not_asked']) }),
    http: { method: 'POST', path: '/api/fan-clubs/:clubId/requests/:personId' },
  }),
  'fan-club:share': command({
    summary:
      'Says that one has passed on the address of a room. It gives a member points, once an hour for a room and a few times a day.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ counted: z.boolean().describe('False: not a member, or enough for now.') }),
    http: { method: 'POST', path: '/api/rooms/:roomId/shares' },
  }),
  'fan-club:points': command({
    summary: 'Where your points in a club came from and went, newest first.',
    input: z.strictObject({ clubId: Id, rows: z.int().min(1).max(limits.pageRowsMax).default(50) }),
    output: z.object({
      rows: z.array(z.object({ source: z.string(), delta: z.int(), cause: z.string(), atMs: UnixMs })),
    }),
    http: { method: 'GET', path: '/api/fan-clubs/:clubId/points' },
  }),
  'fan-club:warnings': command({
    summary:
      'Clubs in which your points are about to decay, or do, soonest first: what a notice told while you were away.',
    input: z.strictObject({}),
    output: z.object({ warnings: z.array(Decaying) }),
    http: { method: 'GET', path: '/api/fan-clubs/warnings' },
  }),
};

/** To every socket of the person. */
export const fanClubNotices = {
  /** Nothing has come in for days. Who is away finds it by `fan-club:warnings`. */
  'fan-club:decaying': Decaying,
  /** How one stands to a club has changed, by oneself on another device or by the host. */
  'fan-club:own': z.object({ clubId: Id, state: MembershipState }),
};

export const fanClubEvents = {
  /** In the fan group: the host goes live. */
  'fan-club:live': roomEvent('host', z.object({ roomId: Id, title: z.string() })),
  /** In the fan group: what the host wants every member to read. */
  'fan-club:announcement': roomEvent('host', z.object({ text: z.string() })),
  /** In a show: people joined the club of its host. */
  'fan-club:joined': roomEvent(
    'ambient',
    z.object({
      name: z.string().describe('Shortened.'),
      others: z.int().describe('Who joined besides, since the last entry.'),
    }),
  ),
};
