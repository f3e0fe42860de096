import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { reasonsInChinese } from '../../session/errors.messages.ts';
import { sendFile } from '../../session/files.ts';
import { complain } from '../../session/complain.ts';
import { onNotice } from '../../session/connection.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import type { ImportProblem, ImportProgress, ImportReport } from '../../../shared/protocol/catalog.ts';
import { importMistakesInChinese, sectionTexts } from '../section.messages.ts';

/** Problems shown; the rest is a number. */
const problemsMax = 30;

function mistakeText({ mistake, message, reason }: ImportProblem): string {
  if (language.get() !== 'zh-CN') return message;
  return reason ? reasonsInChinese[reason] : importMistakesInChinese[mistake];
}

/** Products with a mistake in any row are left out whole. */
const leftOut = ({ skipped, problems }: ImportReport): number =>
  skipped + new Set(problems.map(({ handle }) => handle)).size;

/** Takes a Shopify product file, and says how far it is. Good rows are kept, bad ones are listed with what is wrong. */
export function ImportButton({ shopId, onDone }: { shopId: string; onDone: () => void }) {
  const t = useMessages(sectionTexts);
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState<ImportProgress | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const { keyOf, done } = useRequestKey();
  /** Of the file under way: another page of the same merchant may be sending one, too. */
  const key = useRef<string | null>(null);
  useEffect(
    () => onNotice<ImportProgress>('shop:importing', (now) => now.requestKey === key.current && setProgress(now)),
    [],
  );

  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    try {
      const which = [file.name, file.size, file.lastModified];
      key.current = keyOf(which);
      const query = `?requestKey=${key.current}`;
      setReport(await sendFile<ImportReport>(`/api/shops/${shopId}/import${query}`, file, 'text/csv'));
      done(which);
      onDone();
    } catch (error) {
      complain(error);
    } finally {
      key.current = null;
      setProgress(null);
      setBusy(false);
      if (input.current) input.current.value = ''; // The same file may be chosen again once it is mended.
    }
  };
  const importing = progress ? t.importedSoFar(progress.done, progress.of) : t.importing;
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".csv,text/csv"
        class="visually-hidden"
        tabIndex={-1}
        aria-label={t.importCsv}
        onChange={(event) => void take(event.currentTarget.files?.[0])}
      />
      <Button busy={busy} onClick={() => input.current?.click()}>
        {busy ? importing : t.importCsv}
      </Button>
      {report && (
        <Sheet shape="dialog" title={t.importCsv} onClose={() => setReport(null)}>
          <div class="stack">
            <p>
              <strong>{t.importResult(report.added, report.updated, leftOut(report))}</strong>
            </p>
            {report.updated > 0 && <p class="quiet small">{t.importStock}</p>}
            <ul>
              {report.problems.slice(0, problemsMax).map((problem, index) => (
                <li key={index} class="user-text small">
                  {t.importRow(problem.row, problem.column, mistakeText(problem))}
                </li>
              ))}
            </ul>
            {report.problems.length > problemsMax && (
              <p class="quiet small">{t.importMore(report.problems.length - problemsMax)}</p>
            )}
          </div>
        </Sheet>
      )}
    </>
  );
}
