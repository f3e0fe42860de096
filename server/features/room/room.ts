import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { ActionKind } from '../../../shared/protocol/action.ts';
import type { Room, RoomState, StaffRole } from '../../../shared/protocol/room.ts';
import { isOver } from '../../../shared/room-state.ts';
import { eachTried } from '../../platform/each-of.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { ListQuery, RoomEdit, RoomsPage, RoomStore, StaffPlace, Takeover } from './room-store.ts';

type Needs = {
  store: RoomStore;
  log: RoomLog;
  /** The log of a room that is over takes no memory for long; that of a group that was opened again does. */
  letGo: (roomId: string, over: boolean) => Promise<void>;
  nowMs: () => number;
  /** Fingerprint of a request, kept beside its key. */
  hash: (request: unknown) => Buffer;
  /** Forgets what is cached of a room in this process; other gateways hear it from the log. */
  forget: (roomId: string) => void;
  /** Runs what must happen after a commit: now, and when that fails again later; resolves after the first try. */
  persist: (run: () => Promise<unknown>) => Promise<void>;
  note: NoteAction;
};

type NewShow = Pick<Room, 'title' | 'coverUrl' | 'scheduledAtMs' | 'productIds' | 'rehearsal' | 'openTo'> & {
  requestKey?: string | undefined;
};
type Verb = 'start' | 'pause' | 'resume' | 'end' | 'cancel';

/** The life of a show: scheduled → live ⇄ paused → ended, or scheduled → cancelled. */
const transitions = {
  start: { from: ['scheduled'], to: 'live', kind: 'show-started' },
  pause: { from: ['live'], to: 'paused', kind: 'show-paused' },
  resume: { from: ['paused'], to: 'live', kind: 'show-resumed' },
  end: { from: ['live', 'paused'], to: 'ended', kind: 'show-ended' },
  cancel: { from: ['scheduled'], to: 'cancelled', kind: 'show-cancelled' },
} as const satisfies Record<Verb, { from: readonly RoomState[]; to: RoomState; kind: ActionKind }>;

/** A room that a lost stream paused, and whose stream does not come back within this time, is ended, ms. */
const withoutStreamMs = 10 * 60_000;
/**
 * A show that its host began, paused or took up again by hand may go on without a stream this long, ms: some sell by chat and
 * pictures for an evening.
 */
const byHandMs = 12 * 3_600_000;
/** A show that nobody began this long after its time is cancelled, ms. */
const missedMs = 24 * 3_600_000;
/** Rooms ended in one round. */
const endedMax = 100;
/** Rooms told of again in one round. */
const toldAgainMax = 100;
/** People told of at a time; each has a connection of PostgreSQL. */
const toldAtOnce = 4;
/** A show may be scheduled this far ahead, ms. */
const scheduleAheadMs = 366 * 24 * 3_600_000;

export type RoomVerbs = ReturnType<typeof createRooms>;

/** Rooms and their life. Each change is in the ledger first, and then told to the room. */
export function createRooms({ store, log, letGo, nowMs, hash, forget, persist, note }: Needs) {
  return {
    /**
     * `requestKey`: sent again, it answers with the room it made.
     *
     * @throws AppError KEY_REUSED with another show, CONFLICT for fans of a host who has no club.
     */
    async create(hostId: string, { requestKey, ...show }: NewShow): Promise<Room> {
      checkTime(show.scheduledAtMs);
      if (show.openTo === 'fans') await store.checkClub(hostId);
      const request = requestKey === undefined ? null : { key: requestKey, hash: hash(show) };
      return told(await store.add({ roomId: newId(), hostId, request, ...show }));
    },
    /** The always-open room of a host, without a show. Opened again it is the same one, under the newer title. */
    async openGroup(hostId: string, title: string): Promise<Room> {
      return told(await store.openGroup({ roomId: newId(), hostId, title }));
    },
    /** Closes a group, or opens it again. Nothing when it is so already. */
    async closeGroup(roomId: string, closed: boolean): Promise<void> {
      const room = await store.closeGroup(roomId, closed);
      if (room) await told(room);
    },
    /**
     * @throws AppError CONFLICT when the room is over, has begun and is to be moved or opened to others, has a giveaway that is not drawn
     *   and is to be opened to others, or has another version than the one to be changed.
     */
    async edit(byId: string, roomId: string, edit: RoomEdit): Promise<Room> {
      checkTime(edit.scheduledAtMs ?? null);
      if (edit.openTo === 'fans') await store.checkClub((await find(roomId)).hostId);
      const room = await store.edit(roomId, edit);
      if (room) {
        await told(room);
        await note({ roomId, byId, kind: 'show-edited', detail: { text: room.title, fields: fieldsOf(edit) } });
        return room;
      }
      const current = await find(roomId);
      if (isOver(current)) throw new AppError('CONFLICT', 'The room is over.', { reason: 'room-over' });
      // Sent twice, because the answer to the first was lost: what was wanted is so.
      if (hasAll(current, edit)) return current;
      const added = edit.productIds?.filter((productId) => !current.productIds.includes(productId)) ?? [];
      await store.checkProducts(current.hostId, added);
      if (isHeldByGiveaway(current, edit))
        throw new AppError('CONFLICT', 'A giveaway of this room is not drawn yet.', { reason: 'entries-open' });
      throw new AppError('CONFLICT', `The room is ${current.state}, in version ${current.version}.`, {
        reason: 'room-state',
      });
    },
    /** @throws AppError CONFLICT when the room is not in a state that allows it; a group is in none. */
    async change(byId: string, roomId: string, verb: Verb): Promise<Room> {
      const { from, to, kind } = transitions[verb];
      const room = await store.move(roomId, from, to);
      if (room) {
        await told(room);
        await note({ roomId, byId, kind });
        return room;
      }
      const current = await find(roomId);
      if (current.kind === 'group')
        throw new AppError('CONFLICT', 'A group is always open.', { reason: 'group-no-show' });
      // Sent twice, or by two devices at once: what was wanted is so.
      if (current.state === to) return current;
      throw new AppError('CONFLICT', `The room is ${current.state}.`, { reason: 'room-state' });
    },
    find,
    list: (query: ListQuery): Promise<RoomsPage> => store.list(query),
    mine: (personId: string, rows: number): Promise<Room[]> => store.of(personId, rows),
    staff: (roomId: string) => store.staff(roomId),
    async setStaff(byId: string, roomId: string, personId: string, role: StaffRole | null): Promise<void> {
      const { hostId } = await find(roomId);
      if (personId === hostId)
        throw new AppError('CONFLICT', 'The host has every right already.', { reason: 'host-has-all' });
      const isChanged = await store.setStaff(roomId, personId, role);
      forget(roomId);
      if (!isChanged) return;
      await persist(() => tellStaff({ roomId, personId }));
      await note({ roomId, byId, kind: 'role-set', personId, detail: { role } });
    },

    /**
     * A publisher sends: a room that its loss paused goes on, a scheduled one begins when its time has come. Called at every start
     * of a stream, and again while a scheduled room has one; another publisher than before goes on with the show without
     * a pause. `tookOver`: the one before was still there; whoever comes back after their own end or a fault replaces nobody.
     */
    async streamSeen(roomId: string, publisherId: string, tookOver = false): Promise<void> {
      const takeoverId = await store.streamSeen(roomId, publisherId, tookOver);
      const room = await store.goLive(roomId, publisherId);
      if (room) await told(room);
      else if (takeoverId) await persist(() => tellTakeover({ roomId, takeoverId }));
    },
    /** This publisher is gone: the room pauses, and ends when nobody comes back in time. Nothing if another took over. */
    async streamLost(roomId: string, publisherId: string): Promise<void> {
      const room = await store.streamLost(roomId, publisherId);
      if (room?.state === 'paused') await told(room);
    },
    streaming: () => store.streaming(),
    /** Ends rooms that nobody streams to any more, and cancels shows that nobody began. */
    async endDead(): Promise<number> {
      const silent = await store.endSilent(withoutStreamMs, endedMax);
      const byHand = await store.endByHand(byHandMs, endedMax);
      const ended = [...silent, ...byHand, ...(await store.cancelMissed(missedMs, endedMax))];
      await Promise.all(ended.map(told));
      return ended.length;
    },
    /** Tells what was changed by a process that died before it could say so. */
    async tellUntold(): Promise<void> {
      // One that can't be told, anew each time, must not keep the other kinds from it.
      const done = await Promise.allSettled([
        store.untold(toldAgainMax).then((rooms) => Promise.all(rooms.map(tell))),
        store.untoldStaff(toldAgainMax).then((staff) => eachTried(staff, toldAtOnce, tellStaff)),
        store.untoldTakeovers(toldAgainMax).then((takeovers) => Promise.all(takeovers.map(tellTakeover))),
      ]);
      for (const kind of done) if (kind.status === 'rejected') throw kind.reason as Error;
    },
  };

  async function find(roomId: string): Promise<Room> {
    const room = await store.find(roomId);
    if (!room) throw new AppError('NOT_FOUND', 'There is no such room.');
    return room;
  }

  /**
   * Says in the room's log what the room is now. The ledger has it already, so a log that is away delays the news and does not
   * undo the change; the version makes it one entry, however often it is said.
   */
  async function told(room: Room): Promise<Room> {
    forget(room.roomId);
    await persist(() => tell(room));
    return room;
  }

  async function tell(room: Room): Promise<void> {
    const once = { senderId: 'room', clientKey: `version-${room.version}` };
    await log.append(room.roomId, 'room:changed', room, once);
    if (isOver(room) || room.kind === 'group') await letGo(room.roomId, isOver(room));
    await store.noteTold(room.roomId, room.version);
  }

  async function tellStaff({ roomId, personId }: StaffPlace): Promise<void> {
    await store.tellStaff({ roomId, personId }, (role, changeId) =>
      log.append(roomId, 'room:staff-changed', { personId, role }, { clientKey: `staff-${changeId}` }),
    );
  }

  async function tellTakeover(takeover: Takeover): Promise<void> {
    const once = { clientKey: `takeover-${takeover.takeoverId}` };
    await log.append(takeover.roomId, 'room:stream-taken-over', {}, once);
    await store.noteTakeoverTold(takeover);
  }

  function checkTime(scheduledAtMs: number | null): void {
    if (scheduledAtMs === null) return;
    const aheadMs = scheduledAtMs - nowMs();
    if (aheadMs < 0) throw new AppError('BAD_INPUT', 'scheduledAtMs: the time has passed');
    if (aheadMs > scheduleAheadMs) throw new AppError('BAD_INPUT', 'scheduledAtMs: more than a year ahead');
  }
}

/** Of an edit that was refused: nothing else stands in its way. */
const isHeldByGiveaway = (room: Room, { openTo = room.openTo, version = room.version }: RoomEdit): boolean =>
  room.state === 'scheduled' && openTo !== room.openTo && version === room.version;

const edited = ['title', 'coverUrl', 'productIds', 'scheduledAtMs', 'openTo'] as const;

const fieldsOf = (edit: RoomEdit): string[] => edited.filter((field) => edit[field] !== undefined);

const hasAll = (room: Room, edit: RoomEdit): boolean =>
  edited.every((field) => edit[field] === undefined || JSON.stringify(edit[field]) === JSON.stringify(room[field]));
