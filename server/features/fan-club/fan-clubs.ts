import type { Fan } from './fan-points.ts';
import type { Members } from './membership.ts';
import type { Club, JoinRule, Member } from '../../../shared/protocol/fan-club.ts';

export type MembershipState = 'asked' | 'member' | 'left' | 'refused';

export type MembershipRow = {
  state: MembershipState;
  points: number;
  /** When points last came in. */
  activeAtMs: number;
  /** When the next points go; null unless the member was warned of it. */
  decaysAtMs: number | null;
};

export type ClubChange = {
  joinRule?: JoinRule | undefined;
  membersMax?: number | undefined;
  greeting?: string | undefined;
  announcement?: string | undefined;
};

/** The group of a club, or a show for its fans. `isClosed`: a group, by an operator, for everybody but those who run it. */
export type RoomForFans = { clubId: string; roomId: string; isClosed: boolean };

/** What a join became. */
export type JoinResult = 'joined' | 'asked' | 'full' | 'refused';

/** The ledger of clubs and memberships. */
export type FanClubStore = {
  /** Null when the host has no club. */
  find(clubId: string): Promise<Club | null>;
  /** Makes the club, or changes the fields given. @throws AppError CONFLICT when there are more members than `membersMax`. */
  set(clubId: string, change: ClubChange): Promise<Club>;
  /** Notes the club's room, once. Null when it has one already, or there is no club. */
  setGroupRoom(clubId: string, roomId: string): Promise<Club | null>;
  /** @see Members.among */
  among: Members['among'];
  /** Of what was said in rooms, the lines of members of the clubs of their hosts, in the same order. */
  spoke(
    lines: readonly { roomId: string; personId: string; messageId: string }[],
  ): Promise<(Fan & { messageId: string })[]>;
  membership(clubId: string, personId: string): Promise<MembershipRow | null>;
  /** Lets people in, or notes that they ask. Members stay members; answers in order of the people. */
  join(clubId: string, people: readonly { personId: string; asks: boolean }[], nowMs: number): Promise<JoinResult[]>;
  leave(clubId: string, personId: string, nowMs: number): Promise<boolean>;
  /** The host's answer to somebody who asked, or the end of a membership. Who was refused may ask again by an acceptance. */
  decide(
    clubId: string,
    personId: string,
    accept: boolean,
    nowMs: number,
  ): Promise<'joined' | 'refused' | 'may_ask' | 'full' | 'not_asked'>;
  members(clubId: string, rows: number, after: { points: number; personId: string } | null): Promise<Member[]>;
  requests(clubId: string, rows: number): Promise<{ personId: string; name: string; askedAtMs: number }[]>;
  /** Of these rooms, those that are open to fans alone. */
  forFansAmong(roomIds: readonly string[]): Promise<RoomForFans[]>;
  /** Rooms of a club that are open to fans alone and not over; those that are on come first. */
  roomsForFans(clubId: string, max: number): Promise<string[]>;
  /** Live shows of hosts with a group whose start was not told there, in order of their ids: `max` at the most, behind one. */
  liveToTell(afterId: string, max: number): Promise<{ groupRoomId: string; roomId: string; title: string }[]>;
  markTold(roomId: string): Promise<void>;
  /** The newest announcement of each club whose group was not told it, in order of their ids: `max` at the most, behind one. */
  announcementsToTell(
    afterId: string,
    max: number,
  ): Promise<{ clubId: string; groupRoomId: string; number: number; text: string }[]>;
  markAnnounced(clubId: string, number: number): Promise<void>;
};
