import { eachOf } from '../../platform/each-of.ts';
import { allOf } from '../room-log/redacts.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import type { BanNetworks } from './ban-networks.pg.ts';
import type { NetworkMarks } from './network-marks.redis.ts';
import type { Meant, SanctionStore, Spoken } from './sanctions.pg.ts';

type Needs = {
  rooms: Pick<Rooms, 'openOf'>;
  log: RoomLog;
  sanctions: Pick<SanctionStore, 'untold' | 'untoldAmong' | 'untoldLifts' | 'noteTold' | 'noteLiftTold'>;
  networks: Pick<BanNetworks, 'note'>;
  marks: Pick<NetworkMarks, 'seen'>;
  /** What stands in a room has changed: every gateway that serves it reads it again, and puts out who may not be there. */
  changed: (roomId: string) => Promise<void>;
  /** From now on nothing that this person says in a room gets into its log, whichever gateway they say it to. @see room-log/log-store.ts */
  silence: (roomId: string, personId: string) => Promise<void>;
  /** Takes away what somebody left in rooms: what waits for a moderator, or all, what is pinned and reported of theirs too. */
  withdraw: (roomIds: readonly string[], personId: string, byId: string, what: Withdrawn) => Promise<void>;
  /** Takes away the right to be on camera from somebody who is sent away. */
  offCamera: (roomId: string, personId: string) => Promise<void>;
  /** Says it to whom it is about. */
  tellPerson: TellPerson;
  onError: (error: unknown, sanctionId: string) => void;
};

/** `held`: what nobody has heard yet. `all`: also what goes with lines that are taken back. */
export type Withdrawn = 'held' | 'all';

/** Where a sanction counts. */
export type Where = { hostId: string; roomId: string; everywhere: boolean };
/** `sanctionId`: the one that asked for it, so that it is done once. */
type Purge = { roomId: string; personId: string; byId: string; sanctionId?: string };

/** A ban counts in some 200 rooms, and each of them costs Redis and PostgreSQL: so many are dealt with at a time. */
const roomsAtOnce = 8;
/** Sanctions carried out again in one round. */
const untoldMax = 100;

export type CarryingOut = ReturnType<typeof createCarryingOut>;

/** What has to happen in rooms when a sanction was written down. Every step can be done twice, and is seen once. */
export function createCarryingOut(needs: Needs) {
  const { rooms, log, sanctions, networks, marks, changed, silence, withdraw, offCamera, tellPerson, onError } = needs;

  return {
    carryOut,
    purge,
    tellLifted,
    /**
     * Carries out what stands and was not told yet, before it is lifted: what it takes back goes, wherever it counts, before there is a
     * line of after the pardon, and whoever is slow at it says nothing new when they are done.
     */
    async carryOutAmong(meant: Meant): Promise<void> {
      for (const spoken of await sanctions.untoldAmong(meant)) await carryOut(spoken);
    },
    /** Something in every room where what a person may do has changed. */
    async inRooms(where: Where, run: (roomId: string) => Promise<unknown>): Promise<void> {
      await eachOf(await roomsOf(where), roomsAtOnce, run);
    },
    /** Carries out what was spoken by a process that died, or lost Redis or PostgreSQL, before it was done. */
    async carryOutUntold(): Promise<void> {
      for (const spoken of await sanctions.untold(untoldMax))
        await carryOut(spoken).catch((error: unknown) => onError(error, spoken.sanctionId));
      const lifts = Map.groupBy(await sanctions.untoldLifts(untoldMax), (one) => `${one.roomId} ${one.personId}`);
      for (const lifted of lifts.values())
        await tellLifted(lifted).catch((error: unknown) => onError(error, lifted[0]!.sanctionId));
    },
  };

  async function carryOut(spoken: Spoken): Promise<void> {
    const { hostId, roomId, personId, kind } = spoken;
    if (kind === 'ban') await noteNetwork(hostId, roomId, personId);
    const concerned = await roomsOf(spoken);
    for (const id of concerned) tellThem(id, spoken); // First, so that they know why when they are out.
    await eachOf(concerned, roomsAtOnce, async (id) => {
      await silence(id, personId);
      await changed(id);
    });
    const purged = roomsPurged(spoken, concerned);
    const tellAll = async () => {
      if (kind !== 'shadow_ban') await eachOf(concerned, roomsAtOnce, (id) => tell(id, spoken));
      await eachOf(purged, roomsAtOnce, (id) => tellPurged(id, spoken));
    };
    // What waits of somebody who is banned is heard no more, whether what they said stays or not.
    if (purged.length > 0) await withdrawing(purged, spoken, 'all', tellAll);
    else if (kind === 'ban') await withdrawing(concerned, spoken, 'held', tellAll);
    else await tellAll();
    if (kind === 'ban' || kind === 'kick') await eachOf(concerned, roomsAtOnce, (id) => offCamera(id, personId));
    await sanctions.noteTold(spoken.sanctionId);
  }

  /**
   * Says where sanctions on one person counted, or where they were lifted, that they count no more: one word a room, however many they
   * were. Not of shadow bans.
   */
  async function tellLifted(lifted: readonly Spoken[], liftedIn?: string): Promise<void> {
    await sayLifted(lifted, liftedIn);
    await sanctions.noteLiftTold(lifted.map(({ sanctionId }) => sanctionId));
  }

  async function sayLifted(lifted: readonly Spoken[], liftedIn?: string): Promise<void> {
    const told = lifted.filter(({ kind }) => kind !== 'shadow_ban');
    const [first] = told;
    if (!first) return;
    const kinds = [...new Set(told.map(({ kind }) => kind))];
    const once = { clientKey: `lift-${first.sanctionId}` };
    const where = told.find(({ everywhere }) => everywhere) ?? first;
    const concerned = await roomsOf({ ...where, roomId: liftedIn ?? where.roomId });
    await eachOf(concerned, roomsAtOnce, (roomId) =>
      log.append(roomId, 'moderation:lifted', { personId: first.personId, kinds }, once),
    );
  }

  /** Takes back all that somebody wrote in a room. */
  async function purge(one: Purge): Promise<void> {
    await withdrawing([one.roomId], one, 'all', () => tellPurged(one.roomId, one));
  }

  async function noteNetwork(hostId: string, roomId: string, personId: string): Promise<void> {
    const mark = await marks.seen(roomId, personId);
    if (mark) await networks.note(hostId, personId, mark);
  }

  /** Where a sanction counts. The room it was spoken in is always there, also when it is over. */
  async function roomsOf({ hostId, roomId, everywhere }: Where): Promise<string[]> {
    return everywhere ? [...new Set([roomId, ...(await rooms.openOf(hostId))])] : [roomId];
  }

  /** Withdrawn before it is told, for who dies on the way; and after, when whoever pins a message of theirs sees in the log that it is gone. */
  async function withdrawing(
    roomIds: string[],
    { personId, byId }: Pick<Purge, 'personId' | 'byId'>,
    what: Withdrawn,
    tellIt: () => Promise<unknown>,
  ): Promise<void> {
    await withdraw(roomIds, personId, byId, what);
    await tellIt();
    await withdraw(roomIds, personId, byId, what);
  }

  function tellThem(roomId: string, { personId, kind, untilMs, toldReason: reason }: Spoken): void {
    if (kind !== 'shadow_ban') tellPerson(personId, 'moderation:told', { roomId, kind, untilMs, reason });
  }

  async function tell(roomId: string, { sanctionId, personId, kind, untilMs }: Spoken): Promise<void> {
    const once = { clientKey: `sanction-${sanctionId}` };
    await log.append(roomId, 'moderation:sanctioned', { personId, kind, untilMs }, once);
  }

  /** What the person said in a room does not come back through recovery either. */
  async function tellPurged(roomId: string, { personId, sanctionId }: Omit<Purge, 'roomId'>): Promise<void> {
    const once = sanctionId === undefined ? {} : { clientKey: `purge-${sanctionId}` };
    await log.append(roomId, 'chat:purged', { personId }, { ...once, redacts: [allOf(personId)] });
  }
}

/** Where lines are taken back: with a ban wherever it counts, else where it was spoken, and only if that was asked for. */
function roomsPurged({ kind, purges, roomId }: Spoken, concerned: string[]): string[] {
  if (!purges) return [];
  return kind === 'ban' ? concerned : [roomId];
}
