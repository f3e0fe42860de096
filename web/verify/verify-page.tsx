import { useEffect, useState } from 'preact/hooks';
import type { ProofDocument } from '../../shared/raffle/proof-document.ts';
import { allOk, type ProofStep } from '../../shared/raffle/proof-step.ts';
import { Button } from '../design/button.tsx';
import { TextArea, TextField } from '../design/field.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { navigate } from '../router/router.tsx';
import { Page } from '../shell/page.tsx';
import { checkReceipt, NotDrawn, readProof } from './read-proof.ts';
import { verifyTexts } from './verify.messages.ts';
import './verify.css';

type Result = { steps: readonly ProofStep[]; document: ProofDocument };

/** Recomputes a draw in this browser, step by step, for a reader who knows no cryptography; the numbers are one press deeper. */
export function VerifyPage({ params }: { params: Record<string, string> }) {
  const t = useMessages(verifyTexts);
  const given = params['giveawayId'] ?? '';
  const [where, setWhere] = useState(given);
  const [pasted, setPasted] = useState('');
  const [receipt, setReceipt] = useState('');
  const [result, setResult] = useState<Result | null>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const check = async (giveawayId: string) => {
    setBusy(true);
    setProblem(undefined);
    setResult(null);
    try {
      const { verifyDraw } = await import('../../shared/raffle/verify-draw.ts');
      const { document, readEntries } = await readProof(pasted || giveawayId);
      const steps = await verifyDraw(document, { readEntries });
      const own = receipt ? await checkReceipt(receipt, document) : [];
      setResult({ steps: [...steps, ...own], document });
    } catch (error) {
      setProblem(error instanceof NotDrawn ? t.noDraw : t.notJson);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (given) void check(given);
  }, [given]);

  const submit = (event: Event) => {
    event.preventDefault();
    const id = idIn(where);
    if (id && id !== given && !pasted) navigate(`/verify/${id}`);
    else void check(id);
  };
  return (
    <Page title={t.title} narrow>
      <h1>{t.title}</h1>
      <p class="quiet verify__intro">{t.intro}</p>
      {result && <Outcome {...result} />}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <form class="card stack verify__form" onSubmit={submit}>
        <TextField label={t.open} hint={t.openHint} value={where} onText={setWhere} maxLength={500} />
        <details>
          <summary>{t.paste}</summary>
          <TextArea label={t.paste} value={pasted} onText={setPasted} rows={5} />
        </details>
        <details>
          <summary>{t.receipt}</summary>
          <TextArea label={t.receipt} hint={t.receiptHint} value={receipt} onText={setReceipt} rows={4} />
        </details>
        <Button type="submit" kind="primary" size="big" wide busy={busy} disabled={!where && !pasted}>
          {busy ? t.working : t.check}
        </Button>
      </form>
    </Page>
  );
}

function Outcome({ steps, document }: Result) {
  const t = useMessages(verifyTexts);
  const isRight = allOk(steps);
  // A newer program may check more than these pages have names for.
  const names: Partial<Record<string, string>> = t.steps;
  return (
    <section class="card stack verify__result" aria-live="polite">
      <div class={isRight ? 'verdict' : 'verdict verdict--bad'}>
        <Icon name={isRight ? 'check' : 'close'} sizePx={28} />
        <div>
          <h2>{isRight ? t.allOk : t.notOk}</h2>
          <p class="small">{isRight ? t.allOkText : t.notOkText}</p>
        </div>
      </div>
      <ol class="steps">
        {steps.map((step) => (
          <li key={`${step.check}-${step.what}`} class={step.ok ? 'step' : 'step step--bad'}>
            <Icon name={step.ok ? 'check' : 'close'} sizePx={18} />
            <details>
              <summary>{names[step.check] ?? step.what}</summary>
              <code class="step__details">{step.details}</code>
            </details>
          </li>
        ))}
      </ol>
      <Places title={t.winners} places={document.winners} />
      <Places title={t.alternates} places={document.alternates} />
    </section>
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
          <li key={entryNumber}>{t.entry(entryNumber)}</li>
        ))}
      </ol>
    </section>
  );
}

/** The id at the end of an address, or the text itself. */
const idIn = (where: string): string => /[0-9a-f]{8}-[0-9a-f-]{27}/i.exec(where)?.[0] ?? where.trim();
