import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { TextArea, TextField, Tick } from '../design/field.tsx';
import { Problem } from '../design/problem.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { keptReceipt, seenList, seenRulesHash } from '../giveaway/evidence.ts';
import { useMessages } from '../i18n/messages.ts';
import { navigate } from '../router/router.tsx';
import { person, session } from '../session/session.ts';
import { Page } from '../shell/page.tsx';
import { useSelected } from '../state/store.ts';
import { Outcome } from './outcome.tsx';
import type { Checked, KeptOf, NotChecked, NothingToCheck } from './read-proof.ts';
import { verifyTexts } from './verify.messages.ts';
import './verify.css';

/** Recomputes a draw in this browser, step by step, for a reader who knows no cryptography; the numbers are one press deeper. */
export function VerifyPage({ params }: { params: Record<string, string> }) {
  const t = useMessages(verifyTexts);
  const given = idIn(params['giveawayId'] ?? '');
  const [where, setWhere] = useState(given);
  const [pasted, setPasted] = useState('');
  const [receipt, setReceipt] = useState('');
  const [isMine, setMine] = useState(true);
  const personId = useSelected(session, (current) => current?.person.personId);
  const [result, setResult] = useState<Checked | null>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const question = useRef({ number: 0, what: '' });

  /** @param what the id of a draw, or a document. */
  const check = async (what: string, wholeList = false) => {
    const mine = question.current.number + 1;
    question.current = { number: mine, what };
    const ifAsked = (show: () => void) => mine === question.current.number && show();
    setBusy(true);
    setProblem(undefined);
    setResult(null);
    try {
      // The computing part is as large as the rest of the page: the form is there before it.
      const { checkDraw } = await import('./read-proof.ts');
      const typed = { receipt, personId: (isMine && personId) || null };
      const checked = await checkDraw(what, typed, keptOf, { origin: location.origin, wholeList });
      ifAsked(() => setResult(checked));
    } catch (error) {
      ifAsked(() => setProblem(t.nothing[whyOf(error)]));
    } finally {
      ifAsked(() => setBusy(false));
    }
  };
  useEffect(() => {
    if (!given) return;
    setWhere(given);
    void check(given);
  }, [given]);

  const submit = (event: Event) => {
    event.preventDefault();
    const id = idIn(where);
    if (!pasted && !isId(id)) return setProblem(t.nothing.noSuchDraw);
    if (id && id !== given && !pasted) navigate(`/verify/${id}`);
    else void check(pasted || id);
  };
  return (
    <Page title={t.title} narrow>
      <h1>{t.title}</h1>
      <p class="quiet verify__intro">{t.intro}</p>
      {busy && !result && <Skeleton height={240} />}
      {result && <Outcome {...result} onWhole={() => void check(question.current.what, true)} />}
      <Problem text={problem} />
      <form class="card stack verify__form" onSubmit={submit}>
        <TextField label={t.open} hint={t.openHint} value={where} onText={setWhere} maxLength={500} />
        <details>
          <summary>{t.paste}</summary>
          <TextArea label={t.paste} value={pasted} onText={setPasted} rows={5} />
        </details>
        <details>
          <summary>{t.receipt}</summary>
          <TextArea label={t.receipt} hint={t.receiptHint} value={receipt} onText={setReceipt} rows={4} />
          {personId && <Tick label={t.isMine(personId)} checked={isMine} onTick={setMine} />}
        </details>
        <Button type="submit" kind="primary" size="big" wide busy={busy} disabled={!where && !pasted}>
          {busy ? t.working : t.check}
        </Button>
      </form>
    </Page>
  );
}

const keptOf: KeptOf = (giveawayId) => ({
  own: keptReceipt(giveawayId, person()?.personId),
  rulesHash: seenRulesHash(giveawayId),
  list: seenList(giveawayId),
});

/** What else goes wrong is the download of the computing part, or a browser that lacks what it computes with. */
function whyOf(error: unknown): NothingToCheck | 'notLoaded' {
  if (error instanceof Error && 'why' in error) return (error as NotChecked).why;
  const isUnable = !isSecureContext || (error instanceof DOMException && error.name === 'NotSupportedError');
  return isUnable ? 'unable' : 'notLoaded';
}

const isId = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text);

/** The id at the end of an address, in the one form that ids are written in; or the text itself. */
const idIn = (where: string): string => /[0-9a-f]{8}-[0-9a-f-]{27}/i.exec(where)?.[0].toLowerCase() ?? where.trim();
