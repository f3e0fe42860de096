import { AppError } from '../../../shared/errors.ts';
import { decayStart, levelMax, levelOfPoints, pointsOfLevel } from '../../../shared/fan-levels.ts';
import type { Club, JoinRule, OwnMembership } from '../../../shared/protocol/fan-club.ts';
import type { NoticeBody } from '../../../shared/protocol/index.ts';
import type { Follows } from '../follow/follows.ts';
import type { ClubChange, FanClubStore, JoinResult, MembershipRow } from './fan-clubs.ts';

type Needs = {
  store: FanClubStore;
  /** Lets many in with one commit. */
  join: (clubId: string, person: { personId: string; asks: boolean }) => Promise<JoinResult>;
  follows: Follows;
  /** Whether the person has a paid order of this host. */
  hasBought: (hostId: string, personId: string) => Promise<boolean>;
  /** Whether the person is banned from all rooms of this host. */
  isBannedBy: (hostId: string, personId: string) => Promise<boolean>;
  openGroup: (hostId: string, title: string) => Promise<{ roomId: string }>;
  closeGroup: (roomId: string, closed: boolean) => Promise<void>;
  /** A membership began or ended: forgets what is cached of it, here. */
  forget: (clubId: string, personId: string) => void;
  /** A membership ended: puts the person out of the rooms that are for fans of this club. Never rejects: what fails is found at the next look. */
  putOut: (clubId: string, personId: string) => Promise<void>;
  /** Tells somebody, wherever they are, how they stand to a club now. */
  tell: (personId: string, own: NoticeBody<'fan-club:own'>) => void;
  nowMs: () => number;
};

type Joined = {
  outcome: JoinResult | 'follow_first' | 'buy_first';
  greeting: string | null;
  own: OwnMembership;
};

export type FanClubs = ReturnType<typeof createFanClubs>;

/** Fan clubs: who may join, who is in, and what the host says to them. */
export function createFanClubs(needs: Needs) {
  const { store, join, follows, hasBought, isBannedBy, openGroup, closeGroup, forget, putOut, tell, nowMs } = needs;

  return {
    async get(clubId: string, personId: string): Promise<{ club: Club; own: OwnMembership }> {
      const [club, membership] = await Promise.all([find(clubId), own(clubId, personId)]);
      const belongs = membership.state === 'member' || personId === clubId;
      return { club: belongs ? club : { ...club, ...forMembers }, own: membership };
    },
    /** A new announcement is told in the group a moment later. @throws AppError CONFLICT when `membersMax` is below the number of members. */
    set: (clubId: string, change: ClubChange): Promise<Club> => store.set(clubId, change),
    /**
     * The room is opened first and noted then. A process that dies in between leaves a room that the next call finds.
     *
     * @throws AppError CONFLICT when the club has a group.
     */
    async openGroup(clubId: string, title: string): Promise<Club> {
      const { groupRoomId } = await find(clubId);
      if (groupRoomId) throw new AppError('CONFLICT', 'This club has a group already.', { reason: 'group-exists' });
      const { roomId } = await openGroup(clubId, title);
      return (await store.setGroupRoom(clubId, roomId)) ?? find(clubId);
    },
    /** The club goes on without its room, and the host can't open another. @throws AppError NOT_FOUND when it has none. */
    async closeGroup(clubId: string, closed: boolean): Promise<Club> {
      const { groupRoomId } = await find(clubId);
      if (!groupRoomId) throw new AppError('NOT_FOUND', 'This club has no group.');
      await closeGroup(groupRoomId, closed);
      return find(clubId);
    },
    async join(clubId: string, personId: string): Promise<Joined> {
      if (clubId === personId)
        throw new AppError('CONFLICT', 'A host is not a member of their own club.', { reason: 'own-self' });
      const club = await find(clubId);
      const missing = await missingFor(club, personId);
      const outcome = missing ?? (await join(clubId, { personId, asks: club.joinRule === 'approval' }));
      forget(clubId, personId);
      // First, as it is so whatever becomes of the answer.
      const state = stateAfter[outcome];
      if (state) tell(personId, { clubId, state });
      const greeting = outcome === 'joined' ? club.greeting : null;
      return { outcome, greeting, own: await own(clubId, personId) };
    },
    async leave(clubId: string, personId: string): Promise<boolean> {
      const left = await store.leave(clubId, personId, nowMs());
      if (left) await ended(clubId, personId, 'left');
      return left;
    },
    async decide(clubId: string, personId: string, accept: boolean) {
      const outcome = await store.decide(clubId, personId, accept, nowMs());
      if (outcome === 'refused') await ended(clubId, personId, 'refused');
      else forget(clubId, personId);
      if (outcome === 'joined') tell(personId, { clubId, state: 'member' });
      return outcome;
    },
  };

  async function ended(clubId: string, personId: string, state: 'left' | 'refused'): Promise<void> {
    forget(clubId, personId);
    tell(personId, { clubId, state });
    await putOut(clubId, personId);
  }

  async function find(clubId: string): Promise<Club> {
    const club = await store.find(clubId);
    if (!club) throw new AppError('NOT_FOUND', 'This host has no fan club.');
    return club;
  }

  async function missingFor(
    { clubId, joinRule }: Club,
    personId: string,
  ): Promise<'follow_first' | 'buy_first' | 'refused' | null> {
    if (await isBannedBy(clubId, personId)) return 'refused';
    const checks: Record<JoinRule, () => Promise<'follow_first' | 'buy_first' | null>> = {
      open: async () => null,
      approval: async () => null,
      follow: async () => ((await follows.sinceMs(clubId, personId)) === null ? 'follow_first' : null),
      bought: async () => ((await hasBought(clubId, personId)) ? null : 'buy_first'),
    };
    return checks[joinRule]();
  }

  async function own(clubId: string, personId: string): Promise<OwnMembership> {
    const row = await store.membership(clubId, personId);
    return row
      ? ownOf(row, nowMs())
      : { state: 'none', level: null, points: 0, nextLevelPoints: null, decaysAtMs: null };
  }
}

/** Of what a join became, where it changed something. */
const stateAfter: Partial<Record<Joined['outcome'], OwnMembership['state']>> = { joined: 'member', asked: 'asked' };

/** What is said to members alone, and where: strangers find nothing there. */
const forMembers = { greeting: '', announcement: '', groupRoomId: null, groupClosed: false };

function ownOf(row: MembershipRow, now: number): OwnMembership {
  const { state, points } = row;
  const level = levelOfPoints(points);
  return {
    state,
    level: state === 'member' ? level : null,
    points,
    nextLevelPoints: level < levelMax ? pointsOfLevel(level + 1) : null,
    decaysAtMs: state === 'member' && points > 0 ? decayStart(row, now) : null,
  };
}
