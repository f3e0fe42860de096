import { Component } from 'preact';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { Badge } from '../design/badge.tsx';
import type { ChatLine, SystemEvent } from './chat-feed.ts';
import type { roomTexts } from './room.messages.ts';

type Texts = (typeof roomTexts)['en'];

type LineProps = {
  line: ChatLine;
  texts: Texts;
  isMine: boolean;
  onPick?: ((message: ChatMessage) => void) | undefined;
};

/** A line never changes but by being merged into another one, so it is drawn once, however fast the chat is. */
export class ChatLineView extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    return next.line !== this.props.line || next.texts !== this.props.texts;
  }

  render({ line, texts: t, isMine, onPick }: LineProps) {
    if (line.kind === 'omitted') return <li class="line line--system">{t.omitted(line.messages)}</li>;
    if (line.kind === 'system') return <li class="line line--system user-text">{saying(line.event, t)}</li>;
    const { message } = line;
    return (
      <li class={isMine ? 'line line--mine' : 'line'}>
        <button type="button" class="line__press" tabIndex={-1} onClick={() => onPick?.(message)} disabled={!onPick}>
          <Badges message={message} texts={t} />
          <span class="line__name user-text">{message.senderName}</span>
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
export function saying(event: SystemEvent, t: Texts): string {
  if (event.what === 'bought') return t.bought(whoOf(event, t), event.itemNumber);
  if (event.what === 'joined-club') return t.joinedClub(whoOf(event, t));
  if (event.what === 'pinned') return t.pinnedItem(event.itemNumber, event.title);
  if (event.what === 'announcement') return event.text;
  if (event.what === 'lucky-bag') return t.luckyBag(event.title);
  return t.winners(event.names);
}

function whoOf({ names, people }: { names: string[]; people: number }, t: Texts): string {
  const [first, second] = names;
  if (people > 2 || (people > 1 && !second)) return t.people(people);
  if (!first) return t.somebody;
  return second ? t.and(first, second) : first;
}
