import { AppError } from '../../../shared/errors.ts';
import type { ChatMessage, ChatSettings, HeldMessage } from '../../../shared/protocol/chat.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Chat } from './chat.ts';
import type { ChatStates } from './chat-states.ts';
import type { ChatStore, Decision } from './chat-store.pg.ts';
import type { SaidMessages } from './said-messages.ts';

type Needs = { rooms: Rooms; log: RoomLog; store: ChatStore; states: ChatStates; said: SaidMessages; chat: Chat };

/** A setting that is undefined stays as it is. */
type Changes = { [S in keyof ChatSettings]?: ChatSettings[S] | undefined };

export type ChatDesk = ReturnType<typeof createChatDesk>;

/** What is done about a chat besides speaking: taking back, pinning, announcing, setting up, and deciding what was held. */
export function createChatDesk({ rooms, log, store, states, said, chat }: Needs) {
  return {
    /** Own messages, or any for host and staff. Deleting what is gone already is fine. */
    async remove(personId: string, roomId: string, messageId: string): Promise<{ deleted: boolean }> {
      const message = await said.find(roomId, messageId);
      if (!message) return { deleted: false };
      if (message.senderId !== personId && !(await isStaff(roomId, personId))) throw new AppError('FORBIDDEN');
      const key = { senderId: personId, clientKey: `delete-${messageId}` };
      await log.append(roomId, 'chat:deleted', { messageIds: [messageId] }, { ...key, redacts: [messageId] });
      const { pinned } = await states.of(roomId);
      if (pinned?.messageId === messageId) await pin(roomId, null);
      return { deleted: true };
    },
    async pin(roomId: string, messageId: string | null): Promise<{ pinned: ChatMessage | null }> {
      const message = messageId === null ? null : await said.find(roomId, messageId);
      if (messageId !== null && !message) throw new AppError('NOT_FOUND', 'There is no such message.');
      return pin(roomId, message);
    },
    async announce(roomId: string, text: string | null): Promise<{ announcement: string | null }> {
      await store.announce(roomId, text);
      states.forget(roomId);
      await log.append(roomId, 'chat:announced', { text });
      return { announcement: text };
    },
    state: (roomId: string) => states.of(roomId),
    async configure(roomId: string, changes: Changes): Promise<ChatSettings> {
      const { settings: before } = await store.state(roomId);
      const settings = { ...before, ...defined(changes) };
      await store.configure(roomId, settings);
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
      if (!held) throw new AppError('NOT_FOUND', 'There is no such message.');
      const wanted: Decision = approve ? 'approved' : 'rejected';
      const decision = held.decision ?? (await store.decide(roomId, messageId, wanted, byId)) ?? wanted;
      if (decision === 'approved') await chat.release(roomId, held.message);
      return { decision };
    },
  };

  async function pin(roomId: string, message: ChatMessage | null): Promise<{ pinned: ChatMessage | null }> {
    await store.pin(roomId, message);
    states.forget(roomId);
    await log.append(roomId, 'chat:pinned', { message });
    return { pinned: message };
  }

  async function isStaff(roomId: string, personId: string): Promise<boolean> {
    const relations = await rooms.relations(roomId, personId);
    return relations.has('host') || relations.has('moderator') || relations.has('assistant');
  }
}

function defined(changes: Changes): Partial<ChatSettings> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
