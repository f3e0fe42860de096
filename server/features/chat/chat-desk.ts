import { AppError } from '../../../shared/errors.ts';
import type { ChatMessage, ChatSettings, ChatState, HeldMessage } from '../../../shared/protocol/chat.ts';
import { eachOf } from '../../platform/each-of.ts';
import type { ShortMemory } from '../../platform/short-memory.ts';
import type { NewAction, NoteAction } from '../actions/actions.ts';
import { everyLine } from '../room-log/redacts.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import { isStaff, type Rooms } from '../room/rooms.ts';
import type { Chat } from './chat.ts';
import type { ChatStore, Decision, SettingChanges } from './chat-store.pg.ts';
import type { SaidMessages } from './said-messages.ts';
import type { TellRejected } from './tell-rejected.ts';

type Needs = {
  rooms: Rooms;
  log: RoomLog;
  store: ChatStore;
  states: ShortMemory<ChatState>;
  said: SaidMessages;
  chat: Chat;
  /** @throws AppError RATE_LIMITED for staff who say too much, RETRY when too much is kept. */
  takeStaffLine: (personId: string) => void;
  /** @throws AppError RATE_LIMITED for staff who change too much too fast. */
  takeStaffAct: (personId: string) => void;
  /** @throws AppError RATE_LIMITED for who takes back too much too fast. */
  takeDeletion: (personId: string) => void;
  /** Of a line that staff took back, nobody has to decide; whether somebody had to. */
  noteGone: (roomId: string, messageId: string, byId: string) => Promise<boolean>;
  /** @see LogStore */
  isAppended: (roomId: string, clientKey: string) => Promise<boolean>;
  /** Tells host and staff that what waits for them has changed. */
  callStaff: (roomId: string) => void;
  tellRejected: TellRejected;
  note: NoteAction;
  /** Something of a room was not said; it is tried again. */
  onError: (error: unknown, roomId: string) => void;
};

/** Approved messages said in one round. */
const releasedMax = 100;
/** Rooms told again in one round. */
const toldAgainMax = 100;
/** Rooms told at a time; each has a connection of PostgreSQL. */
const toldAtOnce = 4;

export type ChatDesk = ReturnType<typeof createChatDesk>;

/** What is done about a chat besides speaking: taking back, pinning, announcing, setting up, and deciding what was held. */
export function createChatDesk(needs: Needs) {
  const { rooms, log, store, states, said, chat, takeStaffLine, takeStaffAct, takeDeletion } = needs;
  const { noteGone, isAppended, callStaff, tellRejected, note, onError } = needs;
  const say = {
    settings: (roomId: string, { settings }: ChatState) => log.append(roomId, 'chat:configured', settings),
    announcement: (roomId: string, { announcement: text }: ChatState) => log.append(roomId, 'chat:announced', { text }),
    pinned(roomId: string, { pinned: message }: ChatState) {
      // Its text is in this entry as well, and goes with the message, or with its sender.
      const source = message ? { senderId: message.senderId, entryId: pinOf(message.messageId) } : {};
      return log.append(roomId, 'chat:pinned', { message }, source);
    },
  };

  return {
    /** Own messages, or any for host and staff. Deleting what is gone already is fine. */
    async remove(personId: string, roomId: string, messageId: string): Promise<{ deleted: boolean }> {
      const { deleted, line } = await takeAway(personId, roomId, messageId);
      if (line && line.senderId !== personId)
        await noteOf(line, { roomId, byId: personId, kind: 'message-deleted', once: deletionOf(messageId) });
      return { deleted };
    },
    /** The same of a reported line, of which is noted elsewhere who decided about it. */
    removeReported: takeAway,
    /**
     * Takes back all lines at once. What waits for a moderator, or was reported, is still to be decided about: nobody clears away what was
     * said of them. Of what is pinned as with one line, see `takeBack`; asked for again, it is not what was pinned since.
     */
    async clear(byId: string, roomId: string, requestKey: string): Promise<{ cleared: true }> {
      takeStaffAct(byId);
      const clientKey = `clear ${byId} ${requestKey}`;
      if (!(await isAppended(roomId, clientKey))) await unpinWhere(roomId, () => true);
      await log.append(roomId, 'chat:cleared', {}, { clientKey, redacts: [everyLine] });
      await unpinWhere(roomId, async ({ messageId }) => (await said.find(roomId, messageId))?.takenBack ?? true);
      // Also when it is said already: whoever said it may have died before this.
      await note({ roomId, byId, kind: 'chat-cleared', once: clientKey });
      return { cleared: true };
    },
    async pin(byId: string, roomId: string, messageId: string | null): Promise<{ pinned: ChatMessage | null }> {
      (messageId === null ? takeStaffAct : takeStaffLine)(byId);
      const message = messageId === null ? null : await standing(roomId, messageId);
      const { pinned: before } = await store.state(roomId);
      await store.pin(roomId, message);
      if (message) await checkPinned(roomId, message);
      if (message && message.messageId !== before?.messageId)
        await noteOf(message, { roomId, byId, kind: 'message-pinned' });
      if (!message && before) await noteOf(before, { roomId, byId, kind: 'message-unpinned' });
      await tell(roomId);
      return { pinned: message };
    },
    async announce(byId: string, roomId: string, text: string | null): Promise<{ announcement: string | null }> {
      (text === null ? takeStaffAct : takeStaffLine)(byId);
      const { announcement: before } = await store.state(roomId);
      await store.announce(roomId, text);
      if (text !== before) await note({ roomId, byId, kind: 'announced', detail: text === null ? {} : { text } });
      await tell(roomId);
      return { announcement: text };
    },
    state: (roomId: string) => states.of(roomId),
    async configure(byId: string, roomId: string, changes: SettingChanges): Promise<ChatSettings> {
      takeStaffAct(byId);
      const { settings: before } = await store.state(roomId);
      const settings = await store.configure(roomId, changes);
      const changed = changedIn(before, changes);
      if (Object.keys(changed).length > 0)
        await note({ roomId, byId, kind: 'chat-configured', detail: { settings: changed } });
      await tell(roomId);
      return settings;
    },
    held: async (roomId: string, rows: number): Promise<{ held: HeldMessage[] }> => ({
      held: await store.held(roomId, rows),
    }),
    /** The first decision counts. Approved again, by somebody whose list is old, a message that was said is not said again. */
    async decide(byId: string, roomId: string, messageId: string, approve: boolean): Promise<{ decision: Decision }> {
      const held = await store.heldOne(roomId, messageId);
      if (!held) throw noSuchMessage();
      if (approve && !held.decision) takeStaffLine(byId);
      if (approve) await chat.checkReleasable(roomId, held.message);
      const wanted: Decision = approve ? 'approved' : 'rejected';
      const decision = held.decision ?? (await store.decide(roomId, messageId, wanted, byId));
      if (!decision) throw noSuchMessage();
      if (!held.decision) callStaff(roomId);
      if (!held.decision && decision === 'rejected' && !approve) tellRejected(roomId, held.message, 'moderator');
      if (!held.decision && decision === wanted)
        await noteOf(held.message, { roomId, byId, kind: `message-${wanted}`, once: `held ${messageId}` });
      if (decision === 'approved' && !held.said) await release(roomId, held.message);
      return { decision };
    },
    /** Says what was approved by a process that died, or lost Redis, before it could say it. */
    async releaseUnsaid(): Promise<void> {
      for (const { roomId, message } of await store.unsaid(releasedMax))
        await guarded(roomId, () => release(roomId, message));
    },
    /** Rejects what a person said in rooms and what waits for a moderator. */
    async withdrawHeld(roomIds: readonly string[], personId: string, byId: string): Promise<void> {
      for (const { roomId, message } of await store.rejectAllOf(roomIds, personId, byId)) {
        callStaff(roomId);
        tellRejected(roomId, message, 'moderator');
      }
    },
    async unpinAllOf(roomIds: readonly string[], personId: string): Promise<void> {
      const unpinned = await store.unpinAllOf(roomIds, personId);
      await eachOf(unpinned, toldAtOnce, tell);
    },
    /** Says what was changed by a process that died, or lost Redis, before it could say so. */
    async tellUntold(): Promise<void> {
      await eachOf(await store.untold(toldAgainMax), toldAtOnce, (roomId) => guarded(roomId, () => tell(roomId)));
    },
  };

  /** One room's trouble does not keep the others waiting. */
  async function guarded(roomId: string, run: () => Promise<void>): Promise<void> {
    await run().catch((error: unknown) => onError(error, roomId));
  }

  /** `line`: that was taken back now, or by an earlier try of the same person, whose answer was lost. */
  async function takeAway(
    personId: string,
    roomId: string,
    messageId: string,
  ): Promise<{ deleted: boolean; line?: ChatMessage }> {
    const mayAll = isStaff(await rooms.relations(roomId, personId));
    if (!mayAll) takeDeletion(personId);
    const found = await said.find(roomId, messageId);
    if (!found) return { deleted: await takeBackHeld(roomId, messageId, personId) };
    if (found.message.senderId !== personId && !mayAll) throw new AppError('FORBIDDEN');
    const own = `delete-${messageId} by ${personId}`;
    const isOwn = !found.takenBack || (await isAppended(roomId, own));
    // Also when it is gone: who took it back before may have been stopped halfway.
    await takeBack(roomId, messageId, {
      clientKey: isOwn ? own : `delete-${messageId}`,
      lane: mayAll ? 'host' : 'viewers',
    });
    if (mayAll && (await noteGone(roomId, messageId, personId))) callStaff(roomId);
    return { deleted: !found.takenBack, ...(isOwn && { line: found.message }) };
  }

  /** What was done to a line, and whose it is. */
  function noteOf({ senderId, text }: ChatMessage, action: NewAction): Promise<void> {
    return note({ ...action, personId: senderId, detail: { text } });
  }

  async function takeBackHeld(roomId: string, messageId: string, senderId: string): Promise<boolean> {
    const waited = await store.takeBackHeld(roomId, messageId, senderId);
    if (waited) callStaff(roomId);
    return waited;
  }

  /** Whoever said it before may have died before that was noted; the log forgets keys of messages sooner than the messages. */
  async function release(roomId: string, message: ChatMessage): Promise<void> {
    if (!(await said.find(roomId, message.messageId))) await chat.release(roomId, message);
    await store.noteSaid(message.messageId);
  }

  /**
   * Unpinned before, and told, so that no newcomer is given the pin of what is gone, whoever dies on the way; and after, because whoever
   * pins it meanwhile sees in the log that it is gone, or is seen here.
   */
  async function takeBack(
    roomId: string,
    messageId: string,
    how: { clientKey: string; lane: 'host' | 'viewers' },
  ): Promise<void> {
    const once = { ...how, redacts: [messageId, pinOf(messageId)] };
    await unpin(roomId, messageId);
    await log.append(roomId, 'chat:deleted', { messageIds: [messageId] }, once);
    await unpin(roomId, messageId);
  }

  async function unpinWhere(
    roomId: string,
    isMeant: (pinned: ChatMessage) => boolean | Promise<boolean>,
  ): Promise<void> {
    const { pinned } = await store.state(roomId);
    if (pinned && (await isMeant(pinned))) await unpin(roomId, pinned.messageId);
  }

  async function unpin(roomId: string, messageId: string): Promise<void> {
    if (await store.unpin(roomId, messageId)) await tell(roomId);
  }

  /** @throws AppError NOT_FOUND when there is no such message, or no more. */
  async function standing(roomId: string, messageId: string): Promise<ChatMessage> {
    const found = await said.find(roomId, messageId);
    if (!found || found.takenBack) throw noSuchMessage();
    return found.message;
  }

  /** Asked after it was pinned, so that of pinning and taking back, one message or all of its sender, the later one sees the other. */
  async function checkPinned(roomId: string, { messageId }: ChatMessage): Promise<void> {
    try {
      await standing(roomId, messageId);
    } catch (error) {
      await unpin(roomId, messageId);
      throw error;
    }
  }

  async function tell(roomId: string): Promise<void> {
    states.forget(roomId);
    await store.tell(roomId, async (state, parts) => {
      for (const part of parts) await say[part](roomId, state);
    });
  }
}

/** Those that are given, and are another than before. */
const changedIn = (before: ChatSettings, changes: SettingChanges): Partial<ChatSettings> =>
  Object.fromEntries(
    Object.entries(changes).filter(
      ([name, value]) => value !== undefined && value !== before[name as keyof ChatSettings],
    ),
  ) as Partial<ChatSettings>;

/** Of a line, in what host and staff did: it is deleted once, whoever did it first. */
export const deletionOf = (messageId: string): string => `deleted ${messageId}`;

const pinOf = (messageId: string): string => `pin-${messageId}`;

const noSuchMessage = () => new AppError('NOT_FOUND', 'There is no such message.');
