import type { Room, RoomState, StaffRole } from '../../../shared/protocol/room.ts';

export type NewShow = Pick<
  Room,
  'roomId' | 'hostId' | 'title' | 'coverUrl' | 'rehearsal' | 'openTo' | 'productIds' | 'scheduledAtMs'
> & {
  /** The same (host, key) makes one room; `hash` is the fingerprint of what was asked for. */
  request: { key: string; hash: Buffer } | null;
};
/** A field that is undefined stays as it is. `version`: the one that is to be changed; undefined for whichever it is. */
export type RoomEdit = {
  [F in 'title' | 'coverUrl' | 'productIds' | 'scheduledAtMs' | 'openTo' | 'version']?: Room[F] | undefined;
};

export type ListQuery = {
  which: 'live' | 'coming' | 'past';
  query: string;
  hostId: string | null;
  rows: number;
  /** Where the page before ended; null for the first one. */
  after: string | null;
};

/** `next`: where the page ends, null when it is the last one. */
export type RoomsPage = { rooms: Room[]; next: string | null };

export type StaffMember = { personId: string; name: string; role: StaffRole };
/** `wasScheduledAtMs`: its time, where that was taken away again. */
export type CalendarShow = Room & { wasScheduledAtMs: number | null };
/** Whose role in which room. */
export type StaffPlace = { roomId: string; personId: string };
/** A publisher replaced another one that was still there; another id each time. */
export type Takeover = { roomId: string; takeoverId: string };
/** `roles`: of staff, by person. */
export type RoomWithRoles = { room: Room; roles: ReadonlyMap<string, StaffRole> };

/** The ledger of rooms. */
export type RoomStore = {
  /**
   * Adds a show, or finds the one that this key made.
   *
   * @throws AppError KEY_REUSED when it asked for another one, CONFLICT for one too many, BAD_INPUT for a product that is not there.
   */
  add(show: NewShow): Promise<Room>;
  /** Opens the group of a host, or gives the one they have the title. */
  openGroup(group: Pick<Room, 'roomId' | 'hostId' | 'title'>): Promise<Room>;
  /** Null when the group is closed already, or open already. */
  closeGroup(roomId: string, closed: boolean): Promise<Room | null>;
  /** Null when there is no such room. */
  find(roomId: string): Promise<Room | null>;
  /** The same with who helps there, in one question: it is asked every second for rooms where something happens. */
  findWithRoles(roomId: string): Promise<RoomWithRoles | null>;
  /**
   * Null when the room is over, its time or whom it is open to can't be changed any more, it has another version, or a new product is not
   * there.
   */
  edit(roomId: string, edit: RoomEdit): Promise<Room | null>;
  /** @throws AppError BAD_INPUT when one of these is no product of this host's shop that people can see. */
  checkProducts(hostId: string, productIds: readonly string[]): Promise<void>;
  /** @throws AppError CONFLICT when the host has no fan club. */
  checkClub(hostId: string): Promise<void>;
  /** Moves a show, by hand, from one of the states `from` to `to`; null when it was in none of them. One of two callers wins. */
  move(roomId: string, from: readonly RoomState[], to: RoomState): Promise<Room | null>;
  /** Notes who sends, and that they `tookOver` from another one. Returns the takeover that is not told yet, null without one. */
  streamSeen(roomId: string, publisherId: string, tookOver: boolean): Promise<string | null>;
  noteTakeoverTold(takeover: Takeover): Promise<void>;
  /** Takeovers, `max` at the most, that nobody has noted to be told. */
  untoldTakeovers(max: number): Promise<Takeover[]>;
  /**
   * Makes a room live while this publisher sends: one whose time has come, or that a lost stream paused. Null when the publisher
   * does not send, or the room is in another state, or paused by hand.
   */
  goLive(roomId: string, publisherId: string): Promise<Room | null>;
  /** Notes that nobody sends, which pauses a live show. Null when somebody else sends by now. */
  streamLost(roomId: string, publisherId: string): Promise<Room | null>;
  /** Rooms whose show is on, with the publisher whose stream they were told of. */
  streaming(): Promise<{ roomId: string; publisherId: string }[]>;
  /** Ends rooms, `max` at the most, that a lost stream paused so long ago; returns them. */
  endSilent(ms: number, max: number): Promise<Room[]>;
  /** Ends shows, `max` at the most, that were begun or taken up by hand so long ago and that nobody sends to; returns them. */
  endByHand(ms: number, max: number): Promise<Room[]>;
  /** Cancels shows, `max` at the most, that were to begin so long ago and did not; returns them. A rehearsal waits for ever. */
  cancelMissed(lateMs: number, max: number): Promise<Room[]>;
  /** Notes up to which version the room's log knows it. */
  noteTold(roomId: string, version: number): Promise<void>;
  /** Rooms, `max` at the most, that changed after their log was last told. */
  untold(max: number): Promise<Room[]>;
  /** @see room-search.pg.ts for how far a search looks. */
  list(query: ListQuery): Promise<RoomsPage>;
  liveOf(hostId: string): Promise<Room[]>;
  /** Rooms of a host that are not over, groups too; those that are on come first. The newest 200. */
  openOf(hostId: string): Promise<string[]>;
  /** Those of some rooms that are rehearsals. */
  rehearsals(roomIds: readonly string[]): Promise<string[]>;
  /** Whether a person helps in a room of a host that is not over. */
  helpsIn(hostId: string, personId: string): Promise<boolean>;
  /**
   * Shows of a host that have a time or had one: coming, cancelled, without a time any more, and those of the last 30 days; soonest first.
   * Null without such a host.
   */
  calendarOf(hostId: string): Promise<{ name: string; shows: CalendarShow[] } | null>;
  /** Null for a show without a time that never had one, and for what is no show of anybody's. */
  calendarEntry(roomId: string): Promise<CalendarShow | null>;
  of(personId: string, rows: number): Promise<Room[]>;
  staff(roomId: string): Promise<StaffMember[]>;
  /** Null takes the role away. Not told yet; false when there was none to take. */
  setStaff(roomId: string, personId: string, role: StaffRole | null): Promise<boolean>;
  /**
   * Has somebody's role said as it is now, if it changed since it was last said, and notes that. One at a time, and it can't change
   * meanwhile, so that the last word is of the last change. `changeId`: another one with every change.
   */
  tellStaff(place: StaffPlace, say: (role: StaffRole | null, changeId: string) => Promise<unknown>): Promise<void>;
  /** Changes of some seconds ago, `max` at the most, that nobody has noted to be told. */
  untoldStaff(max: number): Promise<StaffPlace[]>;
};
