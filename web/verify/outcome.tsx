import type { ComponentChildren } from 'preact';
import type { ProofDocument } from '../../shared/raffle/proof-document.ts';
import { allOk, verdictOf, type ProofStep, type Verdict } from '../../shared/raffle/proof-step.ts';
import { Button } from '../design/button.tsx';
import { Icon, type IconName } from '../design/icon.tsx';
import { entryNo } from '../giveaway/entry-no.ts';
import { count, dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import type { Checked } from './read-proof.ts';
import { verifyTexts } from './verify.messages.ts';

/** The story of a draw in its order; each part is proved by these checks. What is not named here belongs to the last part. */
const parts = {
  before: ['asked', 'format', 'rules', 'seen', 'seed'],
  closed: ['signature', 'close', 'seen-list', 'seen-in-time', 'entries', 'root'],
  drawn: ['beacon', 'winners', 'alternates'],
} as const satisfies Record<string, readonly string[]>;

/** The answer first, then who won, then why it is so: three plain sentences, each with its checks one press deeper. */
export function Outcome({ document, steps, own, isWhole, voidReason, onWhole }: Checked & { onWhole: () => void }) {
  const t = useMessages(verifyTexts);
  const found = verdictOf(document, allOk([...steps, ...own]));
  const verdict = isWhole || found === 'wrong' ? found : 'partly';
  const known: readonly string[] = Object.values(parts).flat();
  const stepsOf = (part: keyof typeof parts) =>
    steps.filter(({ check }) =>
      known.includes(check) ? (parts[part] as readonly string[]).includes(check) : part === 'drawn',
    );
  const { rules, rulesHash, frozen, beacon, winners, alternates } = document;
  return (
    <section class="card stack verify__result" aria-live="polite">
      <div class={`verdict verdict--${verdict}`}>
        <Icon name={icons[verdict]} sizePx={28} />
        <div class="grow">
          <h2>{t.verdicts[verdict]}</h2>
          <p>{verdict === 'void' ? t.voidTexts[voidReason] : t.verdictTexts[verdict]}</p>
          {verdict === 'partly' && (
            <Button size="small" onClick={onWhole}>
              {t.whole(count(document.frozen.entryCount))}
            </Button>
          )}
        </div>
      </div>
      <p class="user-text">
        <strong>{rules.title}</strong>
        <span class="quiet numbers"> · {t.closed(count(frozen.entryCount), dayAndTime(rules.closesAtMs))}</span>
      </p>
      <Places title={t.winners} places={winners} />
      <h3>{t.why}</h3>
      <ol class="parts">
        <Part title={t.parts.before} text={t.beforeText} steps={stepsOf('before')}>
          <p class="small">
            {t.rulesHash} <code class="fingerprint">{rulesHash}</code>
          </p>
        </Part>
        <Part title={t.parts.closed} text={t.closedText(count(frozen.entryCount))} steps={stepsOf('closed')} />
        <Part
          title={verdict === 'void' ? t.notDrawn : beacon ? t.parts.drawn : t.drawnBySecret}
          text={verdict === 'void' ? t.notDrawnText : t.drawnText(beacon?.round ?? null)}
          steps={stepsOf('drawn')}
        />
        {own.length > 0 && <Part title={t.parts.own} text={t.ownText} steps={own} />}
      </ol>
      <Places title={t.alternates} places={alternates} />
    </section>
  );
}

/** `partly`: what was checked holds, and the winners were not worked out yet. */
type ShownVerdict = Verdict | 'partly';

const icons = {
  right: 'check',
  void: 'close',
  withheld: 'check',
  wrong: 'close',
  partly: 'check',
} as const satisfies Record<ShownVerdict, IconName>;

type PartProps = { title: string; text: string; steps: readonly ProofStep[]; children?: ComponentChildren };

function Part({ title, text, steps, children }: PartProps) {
  const t = useMessages(verifyTexts);
  const isRight = allOk(steps);
  // A newer program may check more than these pages have names for.
  const names: Partial<Record<string, string>> = t.steps;
  return (
    <li class={isRight ? 'part' : 'part part--bad'}>
      <Icon name={isRight ? 'check' : 'close'} sizePx={22} />
      <div class="grow">
        <h4>{title}</h4>
        <p class="quiet">{isRight ? text : t.partBad}</p>
        {children}
        <details open={!isRight}>
          <summary class="small">{t.checks(steps.length)}</summary>
          <ul class="steps">
            {steps.map((step) => (
              <li key={`${step.check}-${step.what}`} class={step.ok ? 'step' : 'step step--bad'}>
                <Icon name={step.ok ? 'check' : 'close'} sizePx={16} />
                <div class="grow">
                  <p class="small">{names[step.check] ?? step.what}</p>
                  <code class="step__details">{step.details}</code>
                </div>
              </li>
            ))}
          </ul>
        </details>
      </div>
    </li>
  );
}

/** Places shown; the document has all of them. */
const placesMax = 50;

function Places({ title, places }: { title: string; places: ProofDocument['winners'] }) {
  const t = useMessages(verifyTexts);
  if (places.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ol class="places numbers">
        {places.slice(0, placesMax).map(({ entryNumber }) => (
          <li key={entryNumber}>{t.entry(entryNo(entryNumber))}</li>
        ))}
      </ol>
    </section>
  );
}
