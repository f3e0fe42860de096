import { createFloodLimit } from '../../gateway/flood-limit.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { Platform } from '../../platform/platform.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';
import type { Presence } from '../room/presence.socket.ts';
import type { RoomChanges } from '../room/room-changes.ts';
import { maySeeForSure, type Rooms } from '../room/rooms.ts';
import { createBanNetworks } from './ban-networks.pg.ts';
import { createCarryingOut, type Withdrawn } from './carrying-out.ts';
import { fold } from './folding.ts';
import { createModeration } from './moderation.ts';
import { registerModeration } from './moderation.commands.ts';
import { createNetworkMarks } from './network-marks.redis.ts';
import { createNewGuests } from './new-guests.ts';
import { createPuttingOut } from './put-out.ts';
import { createRoomRules } from './room-rules.ts';
import { createSanctionStore } from './sanctions.pg.ts';
import { sentAway } from './sent-away.ts';
import { createStandingRules } from './standing-rules.pg.ts';
import { createWordStore } from './words.pg.ts';

type Needs = {
  roomLog: ReturnType<typeof createRoomLogFeature>;
  changes: RoomChanges;
  /** Late, because rooms ask us who is banned, and we ask rooms who their host is. */
  room: () => { rooms: Rooms; presence: Presence };
  /** Late, because the chat asks us for the rules. */
  withdraw: (roomIds: readonly string[], personId: string, byId: string, what: Withdrawn) => Promise<void>;
  /** Late, because media asks rooms who may be there. */
  offCamera: (roomId: string, personId: string) => Promise<void>;
  tell: TellPerson;
  note: NoteAction;
  /** Goes into the marks of networks; the same for all gateways. */
  markSecret: string;
  /** How long what is over is kept, to see who decided what. */
  retentionDays: number;
};

/** How soon a gateway takes up a change of the platform's words, ms. */
const platformWordsEveryMs = 2_000;
/** How soon somebody who was put out leaves a gateway that did not hear of it, ms. */
const putOutEveryMs = 2_000;
/** How often sanctions that nobody has told are looked for, ms. */
const carryOutEveryMs = 5_000;
/** How often those that ran out are noted, ms; and how many are noted, and forgotten, in one round. */
const tidyEveryMs = 30_000;
const tidiedMax = 1_000;
/** From where somebody comes to a room is written this often at the most, ms, where a host keeps new guests out. */
const sightingEveryMs = 600_000;
const sightingsMax = 50_000;

/** Changes of word lists by one person at once, and in a second after that: after each, every gateway makes the filter of the room anew. */
const wordChanges = { burst: 60, perSecond: 1 } as const;

export function createModerationFeature(
  platform: Platform,
  { roomLog, changes, room, withdraw, offCamera, tell, note, ...settings }: Needs,
) {
  const { db, redis, log: processLog, nowMs } = platform;
  const { log, onEntry, signals, silence } = roomLog;
  const sanctions = createSanctionStore(db);
  const words = createWordStore(db);
  const hostOf = async (roomId: string): Promise<string> => (await room().rooms.get(roomId)).hostId;
  const networks = createBanNetworks(db);
  const marks = createNetworkMarks(redis.commands, settings.markSecret);
  const rules = createRoomRules({
    readStanding: createStandingRules(db),
    words,
    networks,
    hostOf,
    changes,
    nowMs,
    elapsedMs: () => performance.now(),
  });
  const sightings = createShortMemory({
    read(sighting) {
      const [roomId = '', personId = '', mark = ''] = sighting.split(' ');
      return marks.remember(roomId, personId, mark);
    },
    freshMs: sightingEveryMs,
    keysMax: sightingsMax,
    nowMs,
  });

  onEntry('moderation:sanctioned', (roomId, { personId, kind, untilMs }) => {
    rules.forget(roomId);
    if (kind !== 'kick' && kind !== 'ban') return;
    const { presence, rooms } = room();
    if (!presence.hasPerson(roomId, personId)) return;
    void maySeeForSure(rooms, roomId, personId).then((may) => {
      if (!may) presence.remove(roomId, kind === 'ban' ? 'banned' : 'kicked', (id) => id === personId, untilMs);
    });
  });
  onEntry('moderation:lifted', rules.forget);
  signals.on('rules-changed', (roomId) => {
    rules.forget(roomId);
    if (room().presence.isEmpty(roomId)) return;
    putOutBanned(roomId).catch((error: unknown) => processLog.warn({ err: error, roomId }, 'the banned not put out'));
  });

  return {
    rulesOf: rules.of,
    forgetRules: rules.forget,
    /** Whether a name has no word in it that nobody may say on this platform. */
    isNameAllowed: async (name: string): Promise<boolean> => (await rules.findBannedAnywhere(fold(name))) === null,
    isKeptOut: createNewGuests({ rulesOf: rules.of, marks, sightings }),
    sentAway: async (roomId: string, personId: string) => sentAway(await rules.of(roomId), personId),
    isBannedBy: sanctions.isBannedBy,
    register(gateway: Gateway): void {
      const { rooms } = room();
      const changed = async (roomId: string): Promise<void> => {
        rules.forget(roomId);
        await signals.send(roomId, 'rules-changed');
      };
      const carryingOut = createCarryingOut({
        rooms,
        log,
        sanctions,
        networks,
        marks,
        changed,
        silence,
        withdraw,
        offCamera,
        tellPerson: tell,
        onError: (error, sanctionId) =>
          processLog.warn({ err: error, sanctionId }, 'sanction not carried out; it is tried again'),
      });
      const moderation = createModeration({
        rooms,
        sanctions,
        words,
        networks,
        carryingOut,
        changed,
        platformWordsChanged: rules.refreshPlatform,
        note,
        takeWordChange: createFloodLimit({ ...wordChanges, nowMs }).take,
      });
      registerModeration(gateway, moderation);
      platform.every({
        name: 'untold sanctions',
        everyMs: carryOutEveryMs,
        exclusive: true,
        run: carryingOut.carryOutUntold,
      });
      platform.every({ name: 'tidy sanctions', everyMs: tidyEveryMs, exclusive: true, run: tidy });
      platform.every({
        name: 'platform words',
        everyMs: platformWordsEveryMs,
        role: 'gateway',
        run: rules.refreshPlatform,
      });
      const run = createPuttingOut({
        putOutLately: sanctions.putOutLately,
        presence: () => room().presence,
        maySee,
        forget: rules.forget,
        elapsedMs: () => performance.now(),
      });
      platform.every({ name: 'put out the banned', everyMs: putOutEveryMs, role: 'gateway', run });
    },
  };

  async function maySee(roomId: string, personId: string): Promise<boolean> {
    return (await room().rooms.relations(roomId, personId)).has('viewer');
  }

  async function tidy(): Promise<void> {
    await sanctions.endOver(tidiedMax);
    await sanctions.forgetOver(settings.retentionDays, tidiedMax);
  }

  /** A ban that the host speaks in one room counts in all of them, and people may sit in the others. Not who helps there, forgiven or not. */
  async function putOutBanned(roomId: string): Promise<void> {
    const { stands } = await rules.of(roomId);
    const { presence } = room();
    for (const personId of presence.peopleIn(roomId)) {
      const leftMs = stands(personId, 'ban');
      if (leftMs === null || (await maySee(roomId, personId))) continue;
      const untilMs = Number.isFinite(leftMs) ? Math.ceil(nowMs() + leftMs) : null;
      presence.remove(roomId, 'banned', (presentId) => presentId === personId, untilMs);
    }
  }
}
