import { useEffect } from 'preact/hooks';
import { Countdown } from '../design/countdown.tsx';
import { Problem } from '../design/problem.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { count } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { Link } from '../router/router.tsx';
import { onNotice } from '../session/connection.ts';
import { session } from '../session/session.ts';
import { Failure } from '../shell/failure.tsx';
import { useEvery } from '../state/use-every.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useSelected, useStore } from '../state/store.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import type { Output } from '../../shared/protocol/index.ts';
import { EntryPart } from './entry-part.tsx';
import { seenList, seenRulesHash } from './evidence.ts';
import { giveawayTexts } from './giveaway.messages.ts';
import { ResultPart } from './result-part.tsx';
import { prizeText } from './prize-text.ts';

/** How often the tasks are looked at while the sheet is open and one of them is not done. */
const lookEveryMs = 5_000;

type Props = {
  giveawayId: string;
  onBuy: (offerId: string) => void;
  onFanClub: () => void;
  onClose: () => void;
};

/** One giveaway: what there is to win, what one has to do, the receipt, the result, and how it is drawn. */
export function LuckyBagSheet({ giveawayId, onBuy, onFanClub, onClose }: Props) {
  const t = useMessages(giveawayTexts);
  const { giveaways, figures, ask } = useRoom();
  const giveaway = useStore(giveaways).find((one) => one.giveawayId === giveawayId);
  const entered = useSelected(figures, (all) => all[`entries:${giveawayId}`]);
  const personId = useSelected(session, (current) => current?.person.personId);
  const own = useLoaded(() => ask('giveaway:own', { giveawayId }), [giveawayId, personId, giveaway?.state]);
  const isAtTasks = giveaway?.state === 'published' && own.loaded.state === 'ready' && hasOpenTasks(own.loaded.value);
  useEvery(lookEveryMs, () => void own.again(), isAtTasks);
  useEffect(() => onNotice('giveaway:won', () => void own.again()), [giveawayId]);
  if (!giveaway) return null;
  const { rules, state } = giveaway;
  const entries = typeof entered === 'number' ? Math.max(entered, giveaway.entryCount) : giveaway.entryCount;
  return (
    <Sheet title={rules.title} onClose={onClose}>
      <div class="stack">
        <div class="lucky-bag__prize">
          <div class="grow">
            <p class="quiet small">{rules.kind === 'lucky-bag' ? t.luckyBag : t.raffleDrop}</p>
            <p class="user-text">
              <strong>{t.prizes(rules.prizeCount, prizeText(rules.prize, t))}</strong>
            </p>
            <p class="quiet small numbers">{t.entries(count(entries))}</p>
          </div>
          <DrawTime giveaway={giveaway} />
        </div>
        {own.loaded.state === 'loading' && <Skeleton height={120} />}
        {own.loaded.state === 'failed' && <Failure error={own.loaded.error} onAgain={() => void own.again()} />}
        {own.loaded.state === 'ready' && state === 'published' && (
          <EntryPart
            giveaway={giveaway}
            own={own.loaded.value}
            onEntered={() => void own.again()}
            onFanClub={onFanClub}
          />
        )}
        {own.loaded.state === 'ready' && state !== 'published' && (
          <ResultPart giveaway={giveaway} own={own.loaded.value} onClaimed={() => void own.again()} onBuy={onBuy} />
        )}
        <HowItIsDrawn giveaway={giveaway} />
      </div>
    </Sheet>
  );
}

type Own = Output<'giveaway:own'>;

const hasOpenTasks = ({ receipt, tasks }: Own): boolean => receipt === null && tasks.some(({ done }) => !done);

/** What was fixed beforehand, with its fingerprint in plain sight: a reader can write it down, and this browser has. */
function HowItIsDrawn({ giveaway: { giveawayId, rules, rulesHash, frozen } }: { giveaway: Giveaway }) {
  const t = useMessages(giveawayTexts);
  const seenHash = seenRulesHash(giveawayId);
  const seenRoot = seenList(giveawayId)?.frozen.root ?? null;
  return (
    <>
      <Problem text={seenHash !== null && seenHash !== rulesHash ? t.rulesChanged(seenHash) : undefined} />
      <Problem text={seenRoot !== null && frozen && frozen.root !== seenRoot ? t.listChanged(seenRoot) : undefined} />
      <details>
        <summary>{t.how}</summary>
        <div class="stack">
          <p class="quiet small">{t.howText}</p>
          {rules.regionNote && (
            <p class="quiet small user-text">
              {t.region}: {rules.regionNote}
            </p>
          )}
          <p class="small">
            {t.rulesHash} <code class="fingerprint">{rulesHash}</code>
            <span class="quiet">{t.rulesHashText}</span>
          </p>
          <Link to={`/verify/${giveawayId}`} class="button button--plain button--small">
            {t.verify}
          </Link>
        </div>
      </details>
    </>
  );
}

function DrawTime({ giveaway: { state, rules } }: { giveaway: Giveaway }) {
  const t = useMessages(giveawayTexts);
  if (state === 'closing' || state === 'frozen') return <p class="lucky-bag__time">{t.drawing}</p>;
  if (state !== 'published') return null;
  return (
    <p class="lucky-bag__time">
      <span class="small">{t.closesIn}</span>
      <strong>
        <Countdown untilMs={rules.closesAtMs} />
      </strong>
    </p>
  );
}
