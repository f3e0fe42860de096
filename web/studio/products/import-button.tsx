import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { sendFile } from '../../session/files.ts';
import { complain } from '../../session/complain.ts';
import { onNotice } from '../../session/connection.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import type { ImportProgress, ImportReport as Report } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { languageOfFile } from './file-language.ts';
import { ImportChoices, type Choices } from './import-choices.tsx';
import { ImportReport } from './import-report.tsx';

/** Takes a Shopify product file as its merchant chooses, says how far it is, and then what became of it. */
export function ImportButton({ shopId, onDone }: { shopId: string; onDone: () => void }) {
  const t = useMessages(sectionTexts);
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<{ chosen: File; language: Choices['language'] } | null>(null);
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState<ImportProgress | null>(null);
  const [done, setDone] = useState<{ report: Report; stock: Choices['stock'] } | null>(null);
  const keys = useRequestKey();
  /** Of the file under way: another page of the same merchant may be sending one, too. */
  const key = useRef<string | null>(null);
  useEffect(
    () => onNotice<ImportProgress>('shop:importing', (now) => now.requestKey === key.current && setProgress(now)),
    [],
  );

  /** The same file may be chosen again once it is mended. */
  const letGo = () => {
    setFile(null);
    if (input.current) input.current.value = '';
  };
  const look = async (chosen: File | undefined) => {
    const ofPage = language.get() === 'zh-CN' ? 'zh' : 'en';
    setFile(chosen ? { chosen, language: await languageOfFile(chosen, ofPage) } : null);
  };
  const take = async (chosen: File, choices: Choices) => {
    setBusy(true);
    try {
      const which = [chosen.name, chosen.size, chosen.lastModified, choices];
      key.current = keys.keyOf(which);
      const query = new URLSearchParams({ requestKey: key.current, ...choices });
      const report = await sendFile<Report>(`/api/shops/${shopId}/import?${query.toString()}`, chosen, 'text/csv');
      keys.done(which);
      setDone({ report, stock: choices.stock });
      onDone();
    } catch (error) {
      complain(error);
    } finally {
      key.current = null;
      setProgress(null);
      setBusy(false);
    }
  };
  const start = (chosen: File, choices: Choices) => {
    letGo();
    void take(chosen, choices);
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
        onChange={(event) => void look(event.currentTarget.files?.[0])}
      />
      <Button busy={busy} onClick={() => input.current?.click()}>
        {busy ? importing : t.importCsv}
      </Button>
      {file && (
        <ImportChoices
          fileName={file.chosen.name}
          language={file.language}
          onStart={(choices) => start(file.chosen, choices)}
          onClose={letGo}
        />
      )}
      {done && <ImportReport {...done} onClose={() => setDone(null)} />}
    </>
  );
}
