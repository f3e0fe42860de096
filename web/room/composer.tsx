import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ChatMessage, ChatSettings } from '../../shared/protocol/chat.ts';
import { IconButton } from '../design/button.tsx';
import { useTimeLeft } from '../design/countdown.tsx';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { sayError } from '../session/say-error.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { useStore } from '../state/store.ts';
import { useRequestKey } from '../state/use-request-key.ts';
import { isGoneFrom } from './chat-feed.ts';
import { heldText, isRefused, refusalText, type ChatRefused } from './chat-refusal.ts';
import { addressedBy, speakersIn } from './mentions.ts';
import { MessageField } from './message-field.tsx';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import type { Draft } from './use-draft.ts';

type ComposerProps = {
  draft: Draft;
  /** What else may be done with a message that was picked, besides answering it. */
  besideReply?: (message: ChatMessage) => ComponentChildren;
};

/** Where one writes. A refused message stays in the field, with the reason above it: nobody has to type it again. */
export function Composer({ draft, besideReply }: ComposerProps) {
  const t = useMessages(roomTexts);
  const { ask, roomId, said, waits } = useRoom();
  const { text, replyTo, chosen } = draft;
  const [refused, setRefused] = useState<Refused | null>(null);
  const { keyOf, done } = useRequestKey();
  const { messageOf, wasSaid } = useMessageOf();
  const input = useRef<HTMLInputElement>(null);
  const rules = useRules();
  useEffect(() => {
    if (replyTo) input.current?.focus();
  }, [replyTo]);
  const reply = useRef<HTMLParagraphElement>(null);
  const cancelReply = () => {
    draft.cancelReply();
    input.current?.focus(); // The button that had it is gone.
  };
  useTakenBack(replyTo, () => {
    if (reply.current?.contains(document.activeElement)) cancelReply();
    else draft.cancelReply();
    toast(t.replyGone);
  });

  const send = async (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    try {
      const message = messageOf(draft);
      const answer = await ask('chat:send', { roomId, ...message, requestKey: keyOf(message) });
      if (isRefused(answer)) {
        const { retryAfterMs } = answer;
        return setRefused({ answer, untilMs: retryAfterMs === null ? null : serverNowMs() + retryAfterMs });
      }
      setRefused(null);
      if (answer.outcome === 'held') {
        toast(heldText(answer, t));
        waits(answer);
      } else said(answer.message);
      draft.said({ text, replyTo, chosen });
      done(message);
      wasSaid();
    } catch (error) {
      setRefused({ sentence: sayError(error) });
    }
  };

  return (
    <form class="composer" onSubmit={(event) => void send(event)}>
      {refused && <Refusal refused={refused} onOver={() => setRefused(null)} />}
      {replyTo && (
        <p class="composer__reply" ref={reply}>
          <span class="grow one-line user-text">{t.replyingTo(replyTo.senderName)}</span>
          {besideReply?.(replyTo)}
          <IconButton icon="close" label={t.cancelReply} sizePx={16} onClick={cancelReply} />
        </p>
      )}
      <div class="composer__row input-row">
        <MessageField input={input} draft={draft} placeholder={rules ?? t.sayShort} />
        {text.trim() && <IconButton icon="send" label={t.send} type="submit" />}
      </div>
    </form>
  );
}

/** Calls when the message that is answered is taken back: nobody answers what is not there any more. */
function useTakenBack(replyTo: ChatMessage | null, onGone: () => void): void {
  const { chat } = useRoom();
  const latest = useRef(onGone);
  latest.current = onGone;
  useEffect(
    () =>
      // With each change: the feed tells the latest of what was taken back, and no more.
      replyTo ? chat.subscribe(() => isGoneFrom(chat.get(), replyTo) && latest.current()) : undefined,
    [replyTo, chat],
  );
}

type Message = { text: string; replyToId?: string; mentions: string[] };

/**
 * What is sent of a draft. Sent again it speaks to the same people, though some of them are out of sight by then: another message
 * would be said twice when only the answer was lost.
 */
function useMessageOf() {
  const { chat, myId } = useRoom();
  const last = useRef<{ message: Message; chosen: Draft['chosen'] } | null>(null);
  const messageOf = ({ text, replyTo, chosen }: Draft): Message => {
    const message = { text: text.trim(), ...(replyTo ? { replyToId: replyTo.messageId } : {}) };
    const before = last.current;
    const isAgain =
      before?.message.text === message.text &&
      before.message.replyToId === message.replyToId &&
      before.chosen === chosen;
    if (isAgain) return before.message;
    const people = [...chosen, ...speakersIn(chat.get().lines, myId)];
    const whole = { ...message, mentions: addressedBy(message.text, replyTo, people, myId) };
    last.current = { message: whole, chosen };
    return whole;
  };
  return { messageOf, wasSaid: () => void (last.current = null) };
}

/** `untilMs`: when it may be said, by the server's clock; null when waiting does not help. */
type Refused = { answer: ChatRefused; untilMs: number | null } | { sentence: string };

function Refusal({ refused, onOver }: { refused: Refused; onOver: () => void }) {
  const t = useMessages(roomTexts);
  if ('sentence' in refused) return <Reason>{refused.sentence}</Reason>;
  const { answer, untilMs } = refused;
  if (untilMs === null) return <Reason>{refusalText(answer, null, t)}</Reason>;
  return <Waiting key={untilMs} answer={answer} untilMs={untilMs} onOver={onOver} />;
}

/** Counts down, and is gone when one may write again. It is told once: nobody wants to hear every second. */
function Waiting({ answer, untilMs, onOver }: { answer: ChatRefused; untilMs: number; onOver: () => void }) {
  const t = useMessages(roomTexts);
  const leftMs = useTimeLeft(untilMs);
  const [atFirst] = useState(() => refusalText(answer, leftMs, t));
  useEffect(() => {
    if (leftMs === 0) onOver();
  }, [leftMs]);
  return (
    <>
      <p class="composer__refusal numbers" aria-hidden="true">
        {refusalText(answer, leftMs, t)}
      </p>
      <p class="visually-hidden" role="alert">
        {atFirst}
      </p>
    </>
  );
}

const Reason = ({ children }: { children: string }) => (
  <p class="composer__refusal" role="alert">
    {children}
  </p>
);

/**
 * What one should know before one writes, short enough for the field on a phone; null where there is nothing special. Staff is told
 * by the answer alone.
 */
function useRules(): string | null {
  const t = useMessages(roomTexts);
  const { talk, room, myId } = useRoom();
  const settings = useStore(talk)?.settings;
  const isHost = useStore(room)?.hostId === myId;
  return settings && !isHost ? rulesText(settings, t) : null;
}

function rulesText({ audience, slowSeconds }: ChatSettings, t: (typeof roomTexts)['en']): string | null {
  if (audience === 'followers') return t.followersRule;
  if (audience === 'fans') return t.fansRule;
  return slowSeconds > 0 ? t.slowModeRule(slowSeconds) : null;
}
