import { AppError } from '../../../shared/errors.ts';
import type { ChatMessage, ChatSettings, ChatState, HeldMessage } from '../../../shared/protocol/chat.ts';
import type { ShortMemory } from '../../platform/short-memory.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import { isStaff, type Rooms } from '../room/rooms.ts';
import type { Chat } from './chat.ts';
import type { ChatStore, Decision, SettingChanges } from './chat-store.pg.ts';
import type { SaidMessages } from './said-messages.ts';

type Needs = {
  rooms: Rooms;
  log: RoomLog;
  store: ChatStore;
  states: ShortMemory<ChatState>;
  said: SaidMessages;
  chat: Chat;
};

/** Approved messages said in one round. */
const releasedMax = 100;

export type ChatDesk = ReturnType<typeof createChatDesk>;

/** What is done about a chat besides speaking: taking back, pinning, announcing, setting up, and deciding what was held. */
export function createChatDesk({ rooms, log, store, states, said, chat }: Needs) {
  return {
    /** Own messages, or any for host and staff. Deleting what is gone already is fine. */
    async remove(personId: string, roomId: string, messageId: string): Promise<{ deleted: boolean }> {
      const found = await said.find(roomId, messageId);
      if (!found) return { deleted: await store.takeBackHeld(roomId, messageId, personId) };
      if (found.message.senderId !== personId && !isStaff(await rooms.relations(roomId, personId)))
        throw new AppError('FORBIDDEN');
      // Also when it is gone: who took it back before may have been stopped halfway.
      await takeBack(roomId, messageId);
      return { deleted: !found.takenBack };
    },
    async pin(roomId: string, messageId: string | null): Promise<{ pinned: ChatMessage | null }> {
      const message = messageId === null ? null : await standing(roomId, messageId);
      await store.pin(roomId, message);
      if (message) await checkPinned(roomId, message);
      await tellPinned(roomId, message);
      return { pinned: message };
    },
    async announce(roomId: string, text: string | null): Promise<{ announcement: string | null }> {
      await store.announce(roomId, text);
      states.forget(roomId);
      await log.append(roomId, 'chat:announced', { text });
      return { announcement: text };
    },
    state: (roomId: string) => states.of(roomId),
    async configure(roomId: string, changes: SettingChanges): Promise<ChatSettings> {
      const settings = await store.configure(roomId, changes);
      states.forget(roomId);
      await log.append(roomId, 'chat:configured', settings);
      return settings;
    },
    held: async (roomId: string, rows: number): Promise<{ held: HeldMessage[] }> => ({
      held: await store.held(roomId, rows),
    }),
    /** The first decision counts. Approving again says the message again, under the same key, which is once. */
    async decide(byId: string, roomId: string, messageId: string, approve: boolean): Promise<{ decision: Decision }> {
      const held = await store.heldOne(roomId, messageId);
      if (!held) throw noSuchMessage();
      if (approve) await chat.checkReleasable(roomId, held.message);
      const wanted: Decision = approve ? 'approved' : 'rejected';
      const decision = held.decision ?? (await store.decide(roomId, messageId, wanted, byId));
      if (!decision) throw noSuchMessage();
      if (decision === 'approved') await release(roomId, held.message);
      return { decision };
    },
    /** Says what was approved by a process that died, or lost Redis, before it could say it. */
    async releaseUnsaid(): Promise<void> {
      for (const { roomId, message } of await store.unsaid(releasedMax)) await release(roomId, message);
    },
    /** Takes away what a person left in rooms: what is pinned, and what waits for a moderator. */
    async withdraw(roomIds: readonly string[], personId: string, byId: string): Promise<void> {
      await store.rejectAllOf(roomIds, personId, byId);
      const unpinned = await store.unpinAllOf(roomIds, personId);
      await Promise.all(unpinned.map((roomId) => tellPinned(roomId, null)));
    },
  };

  async function release(roomId: string, message: ChatMessage): Promise<void> {
    await chat.release(roomId, message);
    await store.noteSaid(message.messageId);
  }

  /** The log first, the pin after it: whoever pins the message meanwhile sees in the log that it is gone. */
  async function takeBack(roomId: string, messageId: string): Promise<void> {
    const once = { clientKey: `delete-${messageId}`, redacts: [messageId, pinOf(messageId)] };
    await log.append(roomId, 'chat:deleted', { messageIds: [messageId] }, once);
    if (await store.unpin(roomId, messageId)) await tellPinned(roomId, null);
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
      if (await store.unpin(roomId, messageId)) await tellPinned(roomId, null);
      throw error;
    }
  }

  async function tellPinned(roomId: string, message: ChatMessage | null): Promise<void> {
    states.forget(roomId);
    // Its text is in this entry as well, and goes with the message, or with its sender.
    const source = message ? { senderId: message.senderId, entryId: pinOf(message.messageId) } : {};
    await log.append(roomId, 'chat:pinned', { message }, source);
  }
}

const pinOf = (messageId: string): string => `pin-${messageId}`;

const noSuchMessage = () => new AppError('NOT_FOUND', 'There is no such message.');
