import { useState } from 'preact/hooks';
import { Notice } from '../../design/notice.tsx';
import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { toast } from '../../design/toast.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { changed, localized } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { Failure } from '../../shell/failure.tsx';
import { useStore } from '../../state/store.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';

type Left = Output<'offer:take-over'>['left'];
type Props = { room: Room; onClose: () => void };

/** The last shows of the host. */
const showsMax = 20;

/** Brings what was sold in an earlier show into this one, as drafts; what could not be taken is said with the reason. */
export function TakeOver({ room, onClose }: Props) {
  const t = useMessages(studioTexts);
  const { ask, offers } = useRoom();
  const [left, setLeft] = useState<Left | null>(null);
  const { loaded, again } = useLoaded(async () => {
    const { rooms } = await ask('room:mine', { rows: showsMax });
    return rooms.filter(
      ({ roomId, hostId, kind }) => roomId !== room.roomId && hostId === room.hostId && kind === 'show',
    );
  }, [room.roomId]);
  const taken = (answer: Output<'offer:take-over'>) => {
    offers.update((all) => answer.offers.reduce(changed, all));
    toast(t.takenOver(answer.offers.length), answer.offers.length > 0 ? 'good' : undefined);
    if (answer.left.length === 0) onClose();
    else setLeft(answer.left);
  };
  return (
    <Sheet shape="dialog" title={t.takeOver} onClose={onClose}>
      {loaded.state === 'loading' && <Skeleton height={160} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {left && <LeftThere left={left} />}
      {!left && loaded.state === 'ready' && (
        <div class="stack">
          {loaded.value.length === 0 ? <Notice icon="list" title={t.noEarlierShow} /> : <p>{t.takeOverText}</p>}
          <ul class="stack">
            {loaded.value.map((from) => (
              <EarlierShow key={from.roomId} roomId={room.roomId} from={from} onTaken={taken} />
            ))}
          </ul>
        </div>
      )}
    </Sheet>
  );
}

type EarlierShowProps = { roomId: string; from: Room; onTaken: (answer: Output<'offer:take-over'>) => void };

function EarlierShow({ roomId, from, onTaken }: EarlierShowProps) {
  const t = useMessages(studioTexts);
  const { ask } = useRoom();
  const { keyOf, done } = useRequestKey();
  const whenMs = from.startedAtMs ?? from.scheduledAtMs;
  const { problem, busy, submit } = useSubmit(async () => {
    const wish = { roomId, fromRoomId: from.roomId };
    const answer = await ask('offer:take-over', { ...wish, requestKey: keyOf(wish) });
    done(wish);
    onTaken(answer);
    return undefined;
  });
  return (
    <li class="stack">
      <div class="row">
        <span class="grow">
          <strong class="user-text">{from.title}</strong>{' '}
          <span class="quiet small">{whenMs === null ? '' : dayAndTime(whenMs)}</span>
        </span>
        <Button size="small" busy={busy} aria-label={`${t.take}: ${from.title}`} onClick={() => void submit()}>
          {t.take}
        </Button>
      </div>
      <Problem text={problem} />
    </li>
  );
}

function LeftThere({ left }: { left: Left }) {
  const t = useMessages(studioTexts);
  const lang = useStore(language);
  return (
    <div class="stack">
      <h3>{t.leftThere}</h3>
      <ul class="stack">
        {left.map(({ offerId, title, optionValues, why }) => (
          <li key={offerId}>
            <strong class="user-text">{[localized(title, lang), ...optionValues].join(' · ')}</strong>
            <p class="quiet small">{t.whyLeft[why]}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}
