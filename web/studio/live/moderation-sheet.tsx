import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextArea, TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { useStore } from '../../state/store.ts';
import type { HeldReason } from '../../../shared/protocol/chat.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { studioTexts } from '../studio.messages.ts';
import { ActionsList } from './actions-list.tsx';
import { ChatRules } from './chat-rules.tsx';
import { ClearChat } from './clear-chat.tsx';
import { KeepOut } from './keep-out.tsx';
import { Reported } from './reported.tsx';
import { Sanctioned } from './sanctioned.tsx';
import { Staff } from './staff.tsx';
import type { ReportsLoaded } from './use-reports.ts';
import type { Review } from './use-review.ts';
import type { Role } from './use-role.ts';

type Props = { room: Room; role: Role | null; review: Review; reports: ReportsLoaded; onClose: () => void };

/** How people may chat, words they may not say, what waits for a decision, and who helps. */
export function ModerationSheet({ room, role, review, reports, onClose }: Props) {
  const t = useMessages(studioTexts);
  const isHost = room.hostId === useRoom().myId;
  return (
    <Sheet shape="dialog" title={t.moderation} onClose={onClose}>
      <div class="stack moderation">
        <Held review={review} />
        <Reported reports={reports} />
        <ChatRules />
        <Words />
        <Announcement />
        <ClearChat />
        <Sanctioned isHost={isHost} />
        {isHost && <KeepOut />}
        <Staff room={room} isHost={isHost} />
        {(isHost || role === 'moderator') && <ActionsList />}
      </div>
    </Sheet>
  );
}

function Words() {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const [typed, setTyped] = useState('');
  const { loaded, again, set } = useLoaded(() => ask('moderation:words', { roomId }), [roomId]);
  const { place, focusPlace } = useFocusPlace<HTMLElement>();
  if (loaded.state === 'loading') return <Skeleton height={80} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const add = () => {
    const words = typed
      .split('\n')
      .map((word) => word.trim())
      .filter(Boolean);
    if (words.length === 0) return;
    void ask('moderation:add-words', { roomId, words }).then((list) => {
      set(list);
      setTyped('');
    }, complain);
  };
  const remove = (word: string) => {
    focusPlace();
    void ask('moderation:remove-words', { roomId, words: [word] }).then(set, complain);
  };
  return (
    <section class="stack" ref={place} tabIndex={-1}>
      <TextArea label={t.bannedWords} hint={t.bannedWordsHint} rows={2} value={typed} onText={setTyped} />
      <div class="row row--wrap">
        <Button size="small" onClick={add}>
          {t.add}
        </Button>
        {loaded.value.words.map((word) => (
          <button
            key={word}
            type="button"
            class="word user-text"
            aria-label={`${word}: ${t.delete}`}
            onClick={() => remove(word)}
            title={t.delete}
          >
            {word} ×
          </button>
        ))}
      </div>
    </section>
  );
}

function Held({ review: { loaded, again } }: { review: Review }) {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  useEffect(() => void again(), []); // Another moderator may have decided meanwhile.
  const { place, focusPlace } = useFocusPlace<HTMLHeadingElement>();
  const decide = (messageId: string, approve: boolean) =>
    void ask('chat:decide', { roomId, messageId, approve })
      .then(() => again(), complain)
      .then(focusPlace);
  return (
    <section class="stack">
      <h3 ref={place} tabIndex={-1}>
        {t.review}
      </h3>
      {loaded.state === 'loading' && <Skeleton height={40} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && loaded.value.length === 0 && <p class="quiet small">{t.reviewEmpty}</p>}
      {loaded.state === 'ready' &&
        loaded.value.map(({ message, reason, detail }) => (
          <div key={message.messageId} class="row">
            <p class="grow user-text">
              <strong>{message.senderName}</strong> {message.text}
              <span class="quiet small"> {heldText(reason, detail, t)}</span>
            </p>
            <Button size="small" kind="primary" onClick={() => decide(message.messageId, true)}>
              {t.allow}
            </Button>
            <Button size="small" onClick={() => decide(message.messageId, false)}>
              {t.delete}
            </Button>
          </div>
        ))}
    </section>
  );
}

function heldText(reason: HeldReason, word: string | null, t: (typeof studioTexts)['en']): string {
  if (reason === 'banned_word') return t.heldForWord(word ?? '');
  return reason === 'link' ? t.heldFor.link : t.heldFor.all;
}

function Announcement() {
  const t = useMessages(studioTexts);
  const { ask, roomId, talk } = useRoom();
  const [text, setText] = useState(useStore(talk)?.announcement ?? '');
  const announce = (event: Event) => {
    event.preventDefault();
    void ask('chat:announce', { roomId, text: text.trim() || null }).catch(complain);
  };
  return (
    <form class="row announce" onSubmit={announce}>
      <TextField label={t.announce} value={text} onText={setText} maxLength={300} />
      <Button type="submit" size="small">
        {t.save}
      </Button>
    </form>
  );
}
