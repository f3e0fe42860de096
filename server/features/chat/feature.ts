import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import { createFloodLimit } from '../../gateway/flood-limit.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { Platform } from '../../platform/platform.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { Membership } from '../fan-club/membership.ts';
import type { FollowAges } from '../follow/follows.ts';
import type { Withdrawn } from '../moderation/carrying-out.ts';
import type { RoomRules } from '../moderation/room-rules.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';
import type { RoomChanges } from '../room/room-changes.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Snapshots } from '../room/snapshots.ts';
import { createChatDesk } from './chat-desk.ts';
import { createChatStore } from './chat-store.pg.ts';
import { registerChat } from './chat.commands.ts';
import { createChat } from './chat.ts';
import { createEarlierAnswers } from './earlier-answers.ts';
import { refuseAsFull } from './may-speak.ts';
import { createReportStore } from './reports.pg.ts';
import { createReports } from './reports.ts';
import { createSaidMessages } from './said-messages.ts';
import { createStaffCall } from './staff-call.ts';
import { createTellRejected } from './tell-rejected.ts';
import { createTurns } from './turns.redis.ts';

type Needs = {
  roomLog: ReturnType<typeof createRoomLogFeature>;
  rooms: Rooms;
  changes: RoomChanges;
  snapshots: Snapshots;
  follows: FollowAges;
  membership: Membership;
  rulesOf: (roomId: string) => Promise<RoomRules>;
  forgetRules: (roomId: string) => void;
  staffOf: (roomId: string) => Promise<readonly { personId: string }[]>;
  tell: TellPerson;
  note: NoteAction;
};

/** While nobody would tell us of changes, what was read of a chat is believed this long, ms. */
const untoldMs = 2_000;
const statesMax = 5_000;
/** Lines that one person may report at once, and in a second after that. */
const reported = { burst: 10, perSecond: 0.2 } as const;
/** Held and reported messages are kept this long, so that who sent one is still answered the same; nobody decides about older ones. */
const heldDays = 30;
const forgetHeldEveryMs = 60_000;
/** How often approved messages that nobody said, and changes that nobody told, are looked for, ms. */
const sayAgainEveryMs = 5_000;
const forgottenMax = 1_000;

/**
 * Own lines that a viewer may take back at once, and in a second after that. Each is an entry that is never left out, and costs PostgreSQL a
 * commit under the lock of the room's archive.
 */
const deletions = { burst: 5, perSecond: 1 } as const;

/** Lines of one person in all rooms together, at once and in a second after that: twice what one room allows. */
const lines = { burst: 40, perSecond: 10 } as const;
/** Of host and staff, whom no room slows down, announcements among them: more than hands can do, and a bound on what one account writes. */
const staffLines = { burst: 100, perSecond: 20 } as const;

export function createChatFeature(platform: Platform, needs: Needs) {
  const { db, redis, nowMs } = platform;
  const { roomLog, rooms, changes, snapshots, follows, membership, rulesOf, forgetRules, staffOf, tell, note } = needs;
  const { log, onEntry, shownBefore } = roomLog;
  const store = createChatStore(db);
  const reportStore = createReportStore(db);
  const freshMs = () => changes.freshMs(untoldMs);
  const states = createShortMemory({ read: store.state, freshMs, keysMax: statesMax, nowMs });
  changes.onChange((isChanged) => states.forgetWhere((roomId, found) => !found || isChanged(roomId)));
  const said = createSaidMessages(roomLog);
  const turns = createTurns(redis.commands);
  const earlier = createEarlierAnswers({ said, store });
  const callStaff = createStaffCall({
    waiting: async (roomId) => {
      const [held, reported] = await Promise.all([store.heldCount(roomId), reportStore.openCount(roomId)]);
      return held + reported;
    },
    hostOf: async (roomId) => (await rooms.get(roomId)).hostId,
    staffOf,
    tell,
    after: (ms, run) => setTimeout(run, ms).unref(),
    onError: (error, roomId) =>
      platform.log.warn({ err: error, roomId }, 'staff not called; they see it when they look'),
  });
  const staffPace = createFloodLimit({ ...staffLines, nowMs });
  const takeStaffLine = (personId: string): void => {
    if (roomLog.isFullFor('staff')) refuseAsFull();
    staffPace.take(personId);
  };
  /** What takes away or slows down goes on however full it is. */
  const takeStaffAct = staffPace.take;
  const tellRejected = createTellRejected(tell);
  const saidListeners: ((roomId: string, message: ChatMessage) => void)[] = [];
  const chat = createChat({
    rooms,
    log,
    store,
    onSaid: (roomId, message) => saidListeners.forEach((hear) => hear(roomId, message)),
    callStaff,
    tellRejected,
    states,
    said,
    earlier,
    turns,
    follows,
    membership,
    rulesOf,
    forgetRules,
    isFull: () => roomLog.isFullFor('viewers'),
    takeLine: createFloodLimit({ ...lines, nowMs }).take,
    takeStaffLine,
  });
  const desk = createChatDesk({
    rooms,
    log,
    store,
    states,
    said,
    chat,
    takeStaffLine,
    takeStaffAct,
    noteGone: reportStore.noteGone,
    isAppended: roomLog.isAppended,
    callStaff,
    tellRejected,
    note,
    takeDeletion: createFloodLimit({ ...deletions, nowMs }).take,
    onError: (error, roomId) => platform.log.warn({ err: error, roomId }, 'not said in the chat; it is tried again'),
  });
  const reports = createReports({
    rooms,
    said,
    store: reportStore,
    remove: desk.removeReported,
    callStaff,
    note,
    takeReport: createFloodLimit({ ...reported, nowMs }).take,
  });
  snapshots.add('chat', store.state);
  onEntry('chat:configured', states.forget);
  onEntry('chat:pinned', states.forget);
  onEntry('chat:announced', states.forget);

  return {
    /** Hears what is said through this gateway, which nobody reads again on its way to the rooms. */
    onSaid: (hear: (roomId: string, message: ChatMessage) => void): void => void saidListeners.push(hear),
    /** What a person left in rooms that is to be decided about, or to be seen. Of what stays in the chat, the pin and the reports stay too. */
    async withdraw(roomIds: readonly string[], personId: string, byId: string, what: Withdrawn): Promise<void> {
      await desk.withdrawHeld(roomIds, personId, byId);
      if (what === 'held') return;
      await desk.unpinAllOf(roomIds, personId);
      await reports.withdraw(roomIds, personId, byId);
    },
    register(gateway: Gateway): void {
      registerChat(gateway, { chat, desk, reports, shownBefore });
      const run = async () => {
        await store.forgetHeld(heldDays, forgottenMax);
        await reportStore.forget(heldDays, forgottenMax);
      };
      platform.every({ name: 'forget held messages', everyMs: forgetHeldEveryMs, exclusive: true, run });
      platform.every({ name: 'say approved', everyMs: sayAgainEveryMs, exclusive: true, run: desk.releaseUnsaid });
      platform.every({ name: 'untold chats', everyMs: sayAgainEveryMs, exclusive: true, run: desk.tellUntold });
    },
  };
}
