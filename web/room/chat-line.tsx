import { Component } from 'preact';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { Badge } from '../design/badge.tsx';
import type { ChatLine, OwnEvent, SystemEvent } from './chat-feed.ts';
import { withReason } from './chat-refusal.ts';
import type { roomTexts } from './room.messages.ts';

type Texts = (typeof roomTexts)['en'];

type LineProps = {
  line: ChatLine;
  texts: Texts;
  /** Of what was bought, where the line speaks of one thing and the offers are known. */
  itemNumber: number | null;
  isMine: boolean;
  /** It names the reader, or answers them. */
  isToMe: boolean;
  onPick?: ((message: ChatMessage) => void) | undefined;
};

/** A line seldom changes: when it is merged into another one, when its offer is known. So it is drawn once, however fast the chat is. */
export class ChatLineView extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const { line, texts, itemNumber } = this.props;
    return next.line !== line || next.texts !== texts || next.itemNumber !== itemNumber;
  }

  render({ line, texts: t, itemNumber, isMine, isToMe, onPick }: LineProps) {
    if (line.kind === 'omitted') return <li class="line line--system">{t.omitted(line.messages)}</li>;
    if (line.kind === 'system') return <li class="line line--system user-text">{saying(line.event, t, itemNumber)}</li>;
    const { message } = line;
    return (
      <li class={`line${isMine ? ' line--mine' : ''}${isToMe ? ' line--to-me' : ''}`}>
        <button type="button" class="line__press" tabIndex={-1} onClick={() => onPick?.(message)} disabled={!onPick}>
          {isToMe && <span class="visually-hidden">{t.toYou}</span>}
          <Badges message={message} texts={t} />
          <span class="line__name user-text">{message.senderName}</span>{' '}
          {message.replyTo && <span class="line__reply user-text">@{message.replyTo.senderName}</span>}
          <span class="line__text user-text">{message.text}</span>
        </button>
      </li>
    );
  }
}

export function Badges({ message, texts: t }: { message: Pick<ChatMessage, 'badge' | 'fanLevel'>; texts: Texts }) {
  return (
    <>
      {message.badge && <Badge tone={message.badge === 'host' ? 'live' : 'quiet'}>{t[message.badge]}</Badge>}
      {message.fanLevel !== null && <Badge tone="gold">{t.fan(message.fanLevel)}</Badge>}
    </>
  );
}

/** What the room says, in words. */
export function saying(event: SystemEvent, t: Texts, itemNumber: number | null = null): string {
  if (event.what === 'bought') return t.bought(whoOf(event, t), itemNumber);
  if (event.what === 'joined-club') return t.joinedClub(whoOf(event, t));
  if (event.what === 'pinned') return t.pinnedItem(event.itemNumber, event.title);
  if (event.what === 'announcement') return event.text;
  if (event.what === 'cleared') return t.cleared;
  if (event.what === 'lucky-bag') return t.luckyBag(event.title);
  if (event.what === 'raffle-drop') return t.raffleDrop(event.title);
  if (event.what === 'winners') return t.winners(event.names);
  return sayingToOne(event, t);
}

function sayingToOne(event: OwnEvent, t: Texts): string {
  if (event.what === 'waits') return t.waits(event.text);
  if (event.what === 'rejected') return event.why === 'moderator' ? t.rejected(event.text) : t.crowdedOut(event.text);
  return withReason(t.mutedNow(event.forMs), event.reason, t);
}

function whoOf({ names, people }: { names: string[]; people: number }, t: Texts): string {
  const [first, second] = names;
  if (people > 2 || (people > 1 && !second)) return t.people(people);
  if (!first) return t.somebody;
  return second ? t.and(first, second) : first;
}
