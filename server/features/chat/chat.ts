import { v5 } from 'uuid';
import { AppError } from '../../../shared/errors.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import type { ChatMessage, SendOutcome } from '../../../shared/protocol/chat.ts';
import type { Membership } from '../fan-club/membership.ts';
import type { Follows } from '../follow/follows.ts';
import { fold } from '../moderation/folding.ts';
import type { RoomRules } from '../moderation/room-rules.ts';
import type { Position, RoomLog } from '../room-log/room-log.ts';
import type { RoomRelation, Rooms, RoomView } from '../room/rooms.ts';
import { cleanText, excerptOf, hasLink } from './chat-text.ts';
import type { ChatStore } from './chat-store.pg.ts';
import type { ChatStates } from './chat-states.ts';
import { refusalOf, refuse, type Refused } from './may-speak.ts';
import type { SaidMessages } from './said-messages.ts';
import type { Turns } from './turns.redis.ts';

export type Speaker = { personId: string; name: string };

type Needs = {
  rooms: Rooms;
  log: RoomLog;
  store: Pick<ChatStore, 'hold'>;
  states: ChatStates;
  said: SaidMessages;
  turns: Turns;
  follows: Follows;
  membership: Membership;
  rulesOf: (roomId: string) => Promise<RoomRules>;
  nowMs: () => number;
};

/** Characters of the message that an answer quotes. */
const excerptCharactersMax = 60;
/** Names the space of message ids, which follow from room, sender and key: a retry has the id of the first try. */
const messageNamespace = '5b0f3a0e-8f0e-4f7c-9a53-0d2f4c9a1e77';

type Badge = ChatMessage['badge'];
type Said = { message: ChatMessage; key: string; text: string };

export type Chat = ReturnType<typeof createChat>;

/** What people say in a room: who may, what of it, and how fast. */
export function createChat(needs: Needs) {
  const { rooms, log, store, states, said, turns, follows, membership, rulesOf, nowMs } = needs;

  return {
    /** Host and staff speak freely; everybody else passes what the room has set up. Refusals say why. */
    async send(speaker: Speaker, input: Input<'chat:send'>): Promise<SendOutcome> {
      const { roomId, key } = input;
      const text = cleanText(input.text);
      if (text === '') throw new AppError('BAD_INPUT', 'text: there is nothing to see in it');
      const [room, relations] = await Promise.all([rooms.get(roomId), rooms.relations(roomId, speaker.personId)]);
      const badge = badgeOf(relations);
      const message = await compose(speaker, room, badge, text, input);
      if (badge) return say(roomId, { message, key, text }, badge);
      return sayAsViewer(room, { message, key, text });
    },
    /** Lets a message through that was held. */
    async release(roomId: string, message: ChatMessage): Promise<void> {
      await say(roomId, { message, key: `held-${message.messageId}`, text: message.text }, null);
    },
  };

  async function sayAsViewer(room: RoomView, what: Said): Promise<SendOutcome> {
    const { roomId, hostId } = room;
    const { senderId, fanLevel } = what.message;
    const [{ settings }, rules] = await Promise.all([states.of(roomId), rulesOf(roomId)]);
    const refused = refusalOf({
      room,
      settings,
      mutedUntilMs: rules.stands(senderId, 'mute', 'timeout'),
      followsSinceMs: settings.audience === 'followers' ? await follows.sinceMs(hostId, senderId) : null,
      fanLevel,
      nowMs: nowMs(),
    });
    if (refused) return refused;

    const banned = rules.findBanned(what.text);
    if (banned && settings.hold !== 'banned_words') return refuse('banned_word', null, banned.word);
    const tooFast = await turnRefusal(roomId, what, settings.slowSeconds);
    if (tooFast) return tooFast;
    if (rules.stands(senderId, 'shadow_ban') !== null) return sayUnheard(roomId, what.message);

    const reason = banned ? `banned word: ${banned.word}` : holdReason(settings.hold, what.text);
    return reason ? holdBack(roomId, what.message, reason) : say(roomId, what, null);
  }

  async function turnRefusal(
    roomId: string,
    { message, key, text }: Said,
    slowSeconds: number,
  ): Promise<Refused | null> {
    const turn = await turns.take({
      roomId,
      personId: message.senderId,
      key,
      text: fold(text).text || text,
      slowSeconds,
    });
    if (turn.outcome === 'taken') return null;
    return refuse(turn.outcome === 'too_fast' ? 'slow_mode' : 'duplicate', turn.waitMs);
  }

  async function say(roomId: string, { message, key }: Said, badge: Badge): Promise<SendOutcome> {
    const { epoch, offset } = await log.append(roomId, 'chat:message', message, {
      senderId: message.senderId,
      clientKey: key,
      entryId: message.messageId,
      lane: badge ? 'host' : 'chat',
    });
    return { outcome: 'sent', message, position: { epoch, offset } };
  }

  /** The answer looks like any other; the position is that of the last thing said by others. */
  async function sayUnheard(roomId: string, message: ChatMessage): Promise<SendOutcome> {
    return { outcome: 'sent', message, position: await positionNow(roomId) };
  }

  async function positionNow(roomId: string): Promise<Position> {
    const end = await said.end(roomId);
    if (!end) throw new AppError('RETRY');
    return { epoch: end.epoch, offset: end.offset };
  }

  async function holdBack(roomId: string, message: ChatMessage, reason: string): Promise<SendOutcome> {
    await store.hold(roomId, message, reason);
    return { outcome: 'held', message };
  }

  async function compose(
    { personId, name }: Speaker,
    { roomId, hostId }: RoomView,
    badge: Badge,
    text: string,
    { key, replyToId, mentions }: Input<'chat:send'>,
  ): Promise<ChatMessage> {
    const [fanLevel, repliedTo] = await Promise.all([
      membership.levelOf(hostId, personId),
      replyToId ? said.find(roomId, replyToId) : null,
    ]);
    return {
      messageId: v5(`${roomId} ${personId} ${key}`, messageNamespace),
      senderId: personId,
      senderName: name,
      badge,
      fanLevel,
      text,
      replyTo: repliedTo && {
        messageId: repliedTo.messageId,
        senderName: repliedTo.senderName,
        excerpt: excerptOf(repliedTo.text, excerptCharactersMax),
      },
      mentions,
    };
  }
}

function badgeOf(relations: ReadonlySet<RoomRelation>): Badge {
  return (['host', 'moderator', 'assistant'] as const).find((role) => relations.has(role)) ?? null;
}

function holdReason(hold: 'none' | 'banned_words' | 'links' | 'all', text: string): string | null {
  if (hold === 'all') return 'everything is held';
  return hold === 'links' && hasLink(text) ? 'link' : null;
}
