import { AppError } from '../../../shared/errors.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import type { ChatMessage, ChatSettings, ChatState, SendOutcome } from '../../../shared/protocol/chat.ts';
import { limits } from '../../../shared/limits.ts';
import { isOver } from '../../../shared/room-state.ts';
import { idFromName } from '../../platform/named-id.ts';
import type { ShortMemory } from '../../platform/short-memory.ts';
import type { Membership } from '../fan-club/membership.ts';
import type { FollowAges } from '../follow/follows.ts';
import { fold } from '../moderation/folding.ts';
import type { RoomRules } from '../moderation/room-rules.ts';
import { sentAway } from '../moderation/sent-away.ts';
import type { AppendOptions, RoomLog } from '../room-log/room-log.ts';
import type { Rooms, RoomView } from '../room/rooms.ts';
import { cleanText, hasLink } from './chat-text.ts';
import type { EarlierAnswers, Wish } from './earlier-answers.ts';
import type { ChatStore, HeldFor } from './chat-store.pg.ts';
import { refusalOf, refuse, refuseAsFull, type Refused } from './may-speak.ts';
import type { SaidMessages } from './said-messages.ts';
import type { TellRejected } from './tell-rejected.ts';
import type { Turns } from './turns.redis.ts';

export type Speaker = { personId: string; name: string };

type Needs = {
  rooms: Rooms;
  log: RoomLog;
  store: Pick<ChatStore, 'hold'>;
  /** Something was said. Told at once, and not at all by a process that dies right after: the archive misses nothing. */
  onSaid: (roomId: string, message: ChatMessage) => void;
  /** Tells host and staff that something waits for them. */
  callStaff: (roomId: string) => void;
  tellRejected: TellRejected;
  states: ShortMemory<ChatState>;
  said: SaidMessages;
  earlier: EarlierAnswers;
  turns: Turns;
  follows: FollowAges;
  membership: Membership;
  rulesOf: (roomId: string) => Promise<RoomRules>;
  /** The next one who asks for the rules reads them anew. */
  forgetRules: (roomId: string) => void;
  /** Whether viewers must not add to what is kept. What was said before is answered. */
  isFull: () => boolean;
  /** @throws AppError RATE_LIMITED for who says too much in all rooms together. */
  takeLine: (personId: string) => void;
  /** @throws AppError RATE_LIMITED for staff who say too much in all rooms together, RETRY when too much is kept for them too. */
  takeStaffLine: (personId: string) => void;
};

type Badge = ChatMessage['badge'];

export type Chat = ReturnType<typeof createChat>;

/** What people say in a room: who may, what of it, and how fast. */
export function createChat(needs: Needs) {
  const { rooms, log, store, onSaid, callStaff, states, said, earlier, turns, follows, membership, rulesOf } = needs;
  const { forgetRules, isFull, takeLine, takeStaffLine, tellRejected } = needs;
  /** Replies whose quote is being looked up, by room and sender; each is settled when the reply is on its way. */
  const replying = new Map<string, Promise<void>>();

  return {
    /** Host and staff speak freely while the room is open; everybody else passes what it has set up. Refusals say why. */
    async send(speaker: Speaker, input: Input<'chat:send'>): Promise<SendOutcome> {
      const { roomId, replyToId } = input;
      const text = cleanText(input.text);
      if (text === '') throw new AppError('BAD_INPUT', 'text: there is nothing to see in it');
      if (text.length > limits.chatTextLengthMax) throw new AppError('BAD_INPUT', 'text: too long when it is composed');
      const [room, badge] = await Promise.all([rooms.get(roomId), rooms.roleOf(roomId, speaker.personId)]);
      const wish = { message: await compose(speaker, room, badge, text, input), replyToId };
      return badge ? sayAsStaff(room, wish) : sayAsViewer(room, wish);
    },
    /** @throws AppError CONFLICT when the room is over, or who wrote the held message is banned. */
    async checkReleasable(roomId: string, { senderId }: ChatMessage): Promise<void> {
      if (isOver(await rooms.get(roomId))) throw new AppError('CONFLICT', 'The room is over.', { reason: 'room-over' });
      if (await isBanned(roomId, senderId))
        throw new AppError('CONFLICT', 'Who wrote this is banned.', { reason: 'sender-banned' });
    },
    /** Lets a message through that was held. Nothing of somebody who is banned by now; above the room's cap, as staff have chosen it. */
    async release(roomId: string, message: ChatMessage): Promise<void> {
      const wish = { message, replyToId: message.replyTo?.messageId };
      await say(roomId, wish, { lane: 'host' }, async () => {
        forgetRules(roomId);
        if (!(await isBanned(roomId, message.senderId))) return say(roomId, wish, { lane: 'host' });
        return refuse('muted'); // Nobody reads this answer.
      });
    },
  };

  async function sayAsStaff(room: RoomView, wish: Wish): Promise<SendOutcome> {
    const { roomId } = room;
    // What was said is what the archive has.
    if (isOver(room)) return (await earlier.of(roomId, wish)) ?? refuse('closed');
    try {
      takeStaffLine(wish.message.senderId);
    } catch (refusal) {
      const answered = await earlier.of(roomId, wish);
      if (answered) return answered;
      throw refusal;
    }
    return quoting(roomId, wish, (whole) => say(roomId, whole, { lane: 'host' }));
  }

  async function sayAsViewer(room: RoomView, wish: Wish): Promise<SendOutcome> {
    const { roomId } = room;
    const { message } = wish;
    if (isFull()) return (await earlier.of(roomId, wish)) ?? refuseAsFull();
    const [{ settings }, rules] = await Promise.all([states.of(roomId), rulesOf(roomId)]);
    // Who was heard and is sent away meanwhile still gets the answer that got lost.
    const orRefused = async (refused: Refused) => (await earlier.of(roomId, wish)) ?? refused;
    const standing = await standingRefusal(room, message, settings, rules);
    if (standing) return orRefused(standing);

    // Once, and not for who may not speak at all: folding a long line costs as much as all else that is done about it.
    const folded = fold(message.text);
    const banned = rules.findBanned(folded) ?? rules.findBanned(fold(message.senderName));
    if (banned && settings.hold !== 'banned_words') return orRefused(refuse('banned_word', null, banned.word));

    const turn = await turns.take({ roomId, message, folded: folded.text, slowSeconds: settings.slowSeconds });
    if (turn.outcome === 'key_reused') throw new AppError('KEY_REUSED');
    if (turn.outcome === 'too_fast' || turn.outcome === 'same_text')
      return orRefused(refuse(turnRefusals[turn.outcome], turn.waitMs));
    const isUnheard = rules.stands(message.senderId, 'shadow_ban') !== null;
    const answered = turn.outcome === 'again' ? await earlier.of(roomId, wish) : null;
    if (answered) return answered;
    takeLine(message.senderId);

    const heldFor = banned
      ? { reason: 'banned_word' as const, detail: banned.word }
      : holdReason(settings.hold, message.text);
    return quoting(roomId, wish, (whole) => {
      if (heldFor) return holdBack(room, whole, heldFor, isUnheard);
      if (isUnheard) return sayUnheard(roomId, whole);
      return say(roomId, whole, { lane: 'chat' }, () => answerSilenced(room, whole));
    });
  }

  /** Somebody who was sanctioned after we read the rules of the room: another gateway did it, or it happened on the way to the log. */
  async function answerSilenced(room: RoomView, wish: Wish): Promise<SendOutcome> {
    const { roomId } = room;
    const { message } = wish;
    forgetRules(roomId);
    const [{ settings }, rules] = await Promise.all([states.of(roomId), rulesOf(roomId)]);
    const putOut = sentAway(rules, message.senderId);
    if (putOut) throw putOut;
    const refused = await standingRefusal(room, message, settings, rules);
    if (refused) return refused;
    if (rules.stands(message.senderId, 'shadow_ban') !== null) return sayUnheard(roomId, wish);
    return say(roomId, wish, { lane: 'chat' }); // It was lifted, and the word of that did not reach the log.
  }

  async function isBanned(roomId: string, personId: string): Promise<boolean> {
    return (await rulesOf(roomId)).stands(personId, 'ban') !== null;
  }

  async function standingRefusal(
    room: RoomView,
    { senderId, fanLevel }: ChatMessage,
    settings: ChatSettings,
    rules: RoomRules,
  ): Promise<Refused | null> {
    const muting = ['mute', 'timeout'] as const;
    return refusalOf({
      room,
      settings,
      mutedForMs: rules.stands(senderId, ...muting),
      mutedFor: rules.toldReason(senderId, ...muting),
      followsForMs: settings.audience === 'followers' ? await follows.ageMs(room.hostId, senderId) : null,
      fanLevel,
    });
  }

  /** Answered like everything that is said, now and when it is repeated or taken back. */
  function sayUnheard(roomId: string, wish: Wish): Promise<SendOutcome> {
    return say(roomId, wish, { lane: 'chat', unheard: true });
  }

  /**
   * The id of a message is its key in the log too: however a message comes there, it comes once. With `whenSilenced` it does not come
   * there when its sender was just silenced.
   */
  async function say(
    roomId: string,
    wish: Wish,
    how: Pick<AppendOptions, 'lane' | 'unheard'>,
    whenSilenced?: () => Promise<SendOutcome>,
  ): Promise<SendOutcome> {
    const { message } = wish;
    const { epoch, offset, duplicate, silenced } = await log.append(roomId, 'chat:message', message, {
      senderId: message.senderId,
      clientKey: message.messageId,
      entryId: message.messageId,
      unlessSilenced: whenSilenced !== undefined,
      ...how,
    });
    if (silenced && whenSilenced) return whenSilenced();
    const first = duplicate ? await earlier.of(roomId, wish) : null;
    if (!how.unheard) onSaid(roomId, message);
    return first ?? { outcome: 'sent', message, position: { epoch, offset } };
  }

  async function holdBack(room: RoomView, wish: Wish, heldFor: HeldFor, isUnheard: boolean): Promise<SendOutcome> {
    const { roomId } = room;
    const { message } = wish;
    const answered = await earlier.of(roomId, wish);
    if (answered) return answered;
    await said.setAside(roomId, message.messageId);
    const { outcome, crowdedOut } = await store.hold(roomId, message, heldFor, isUnheard);
    if (crowdedOut) tellRejected(roomId, crowdedOut, 'crowded_out');
    if (outcome === 'full') {
      await said.forgetAside(roomId, message.messageId);
      return refuse('too_many_held');
    }
    if (outcome === 'new' && !isUnheard) callStaff(roomId);
    const known = outcome === 'new' ? null : await earlier.of(roomId, wish);
    return known ?? { outcome: 'held', message, ...heldFor, decision: null };
  }

  async function compose(
    { personId, name }: Speaker,
    { roomId, hostId }: RoomView,
    badge: Badge,
    text: string,
    { requestKey, mentions }: Input<'chat:send'>,
  ): Promise<ChatMessage> {
    return {
      // A retry has the id of the first try.
      messageId: idFromName(`message ${roomId} ${personId} ${requestKey}`),
      senderId: personId,
      senderName: name,
      badge,
      fanLevel: await membership.levelOf(hostId, personId),
      text,
      replyTo: null,
      mentions,
    };
  }

  /**
   * Puts in what a message answers, and sends it. Late, because looking it up is the dearest of all, and most of what is refused needs
   * none. What somebody says after a reply comes after it, however long that takes.
   */
  async function quoting(
    roomId: string,
    wish: Wish,
    send: (whole: Wish) => Promise<SendOutcome>,
  ): Promise<SendOutcome> {
    const who = `${roomId} ${wish.message.senderId}`;
    const before = replying.get(who);
    if (!wish.replyToId) {
      await before;
      return send(wish);
    }
    const sending = Promise.withResolvers<undefined>();
    replying.set(who, sending.promise);
    try {
      const [answered] = await Promise.all([said.find(roomId, wish.replyToId), before]);
      return await send(answered && !answered.takenBack ? withQuote(wish, answered.message) : wish);
    } finally {
      sending.resolve(undefined);
      if (replying.get(who) === sending.promise) replying.delete(who);
    }
  }
}

function withQuote(wish: Wish, { messageId, senderName }: ChatMessage): Wish {
  return { ...wish, message: { ...wish.message, replyTo: { messageId, senderName } } };
}

const turnRefusals = { too_fast: 'slow_mode', same_text: 'duplicate' } as const;

function holdReason(hold: ChatSettings['hold'], text: string): HeldFor | null {
  if (hold === 'all') return { reason: 'all', detail: null };
  return hold === 'links' && hasLink(text) ? { reason: 'link', detail: null } : null;
}
