import { useEffect, useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { Problem } from '../design/problem.tsx';
import { FollowButton } from '../follow/follow-button.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { useSay } from '../room/use-say.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { sayError } from '../session/say-error.ts';
import { useStore } from '../state/store.ts';
import { useFocusPlace } from '../state/use-focus-place.ts';
import type { Output } from '../../shared/protocol/index.ts';
import type { Giveaway, TaskProgress } from '../../shared/protocol/giveaway.ts';
import type { Receipt } from '../../shared/raffle/receipt.ts';
import type { Task } from '../../shared/raffle/rules.ts';
import { entryNo } from './entry-no.ts';
import { keepReceipt, nonceFor, useKeptReceipt } from './evidence.ts';
import { giveawayTexts } from './giveaway.messages.ts';
import { taskText } from './prize-text.ts';
import { saveReceipt } from './save-receipt.ts';
import { useReceiptCheck } from './use-receipt-check.ts';

type Own = Output<'giveaway:own'>;
/** `onFanClub`: one of the tasks is to join it. */
type Props = { giveaway: Giveaway; own: Own; onEntered: () => void; onFanClub: () => void };

/** Tasks ticked off as the server sees them, the one button, and the receipt after it. */
export function EntryPart({ giveaway, own, onEntered, onFanClub }: Props) {
  const t = useMessages(giveawayTexts);
  const { ask, myId } = useRoom();
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const [says, setSays] = useState<string>();
  const { giveawayId, rules } = giveaway;
  const kept = useKeptReceipt(myId, giveawayId);
  const receipt = kept ?? own.receipt;
  const receiptProblem = useReceiptCheck(receipt, rules, myId);
  const [hasJustEntered, setJustEntered] = useState(false);
  useEffect(() => {
    if (own.receipt) keepReceipt(myId, own.receipt);
  }, [own.receipt]);

  const enter = async () => {
    if (!(await needAccount(myId))) return;
    setBusy(true);
    setSays(undefined);
    try {
      // Chosen here, so that the server alone cannot choose what goes into the draw.
      const answer = await ask('giveaway:enter', { giveawayId, nonce: nonceFor(myId, giveawayId) });
      if (answer.outcome === 'entered') {
        keepReceipt(myId, answer.receipt);
        setJustEntered(true);
      }
      if (answer.outcome === 'not_qualified') setSays(t.notQualified);
      if (answer.outcome === 'not_open') setSays(t.notOpen);
      if (answer.outcome === 'closed') setSays(t.closed);
      if (answer.outcome === 'full') setSays(t.full);
      onEntered();
    } catch (error) {
      setSays(sayError(error));
    } finally {
      setBusy(false);
    }
  };
  const sayKeyword = async (text: string) => {
    const { isSaid, tells } = await say(text);
    setSays(isSaid ? undefined : tells);
    onEntered();
  };

  if (receipt)
    return (
      <>
        <Problem text={own.receipt || hasJustEntered ? undefined : t.receiptDenied} />
        <Problem text={receiptProblem ? t.receiptProblems[receiptProblem] : undefined} />
        <ReceiptLine receipt={receipt} isNew={hasJustEntered} />
      </>
    );
  return (
    <div class="stack">
      <h3>{t.tasks}</h3>
      {rules.tasks.length === 0 && <p class="quiet">{t.noTasks}</p>}
      <ul class="tasks">
        {rules.tasks.map((task) => (
          <TaskRow
            key={task.task}
            task={task}
            progress={own.tasks.find((one) => one.task === task.task)}
            onSay={(text) => void sayKeyword(text)}
            onFollowed={onEntered}
            onFanClub={onFanClub}
          />
        ))}
      </ul>
      <Problem text={says} />
      <Button kind="primary" size="big" icon="gift" wide busy={busy} onClick={() => void enter()}>
        {t.enter}
      </Button>
    </div>
  );
}

/** `isNew`: it stands where the button was that is gone now. */
function ReceiptLine({ receipt, isNew }: { receipt: Receipt; isNew: boolean }) {
  const t = useMessages(giveawayTexts);
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  useEffect(() => {
    if (isNew) focusPlace();
  }, [isNew]);
  return (
    <div class="says row receipt" ref={place} tabIndex={-1}>
      <Icon name="check" />
      <span class="grow">
        <strong>{t.entered}</strong> · <span class="numbers">{t.receipt(entryNo(receipt.entry.number))}</span>
        <span class="small receipt-text">{t.receiptText}</span>
      </span>
      <Button size="small" onClick={() => saveReceipt(receipt)}>
        {t.saveReceipt}
      </Button>
    </div>
  );
}

type RowProps = {
  task: Task;
  progress: TaskProgress | undefined;
  onSay: (text: string) => void;
  onFollowed: () => void;
  onFanClub: () => void;
};

/** One task, whether it is done, and the way to do it where one press is enough. */
function TaskRow({ task, progress, onSay, onFollowed, onFanClub }: RowProps) {
  const t = useMessages(giveawayTexts);
  const hostId = useStore(useRoom().room)?.hostId;
  const isDone = progress?.done ?? false;
  const { place, focusPlace } = useFocusPlace<HTMLLIElement>();
  const followed = () => {
    focusPlace(); // The button goes when the task is done.
    onFollowed();
  };
  return (
    <li class={isDone ? 'task task--done' : 'task'} ref={place} tabIndex={-1}>
      <span class="task__tick">{isDone && <Icon name="check" sizePx={14} />}</span>
      <span class="grow user-text">{taskText(task, t)}</span>
      {isDone && <span class="small">{t.done}</span>}
      {!isDone && progress && progress.need > 1 && (
        <span class="quiet small numbers">{t.progress(progress.have, progress.need)}</span>
      )}
      {!isDone && task.task === 'comment' && (
        <Button size="small" onClick={() => onSay(task.keyword)}>
          {t.say(task.keyword)}
        </Button>
      )}
      {!isDone && task.task === 'follow' && hostId && <FollowButton hostId={hostId} onChanged={followed} />}
      {!isDone && task.task === 'fan-club' && (
        <Button size="small" kind="gold" onClick={onFanClub}>
          {t.join}
        </Button>
      )}
    </li>
  );
}
