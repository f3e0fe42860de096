import { Sheet } from '../../design/sheet.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { reasonsInChinese } from '../../session/errors.messages.ts';
import type { ImportProblem, ImportReport as Report } from '../../../shared/protocol/catalog.ts';
import { importMistakesInChinese, sectionTexts } from '../section.messages.ts';
import type { Choices } from './import-choices.tsx';
import { importTexts } from './import.messages.ts';

/** Problems shown; the rest is a number. */
const problemsMax = 30;

function mistakeText({ mistake, message, reason }: ImportProblem): string {
  if (language.get() !== 'zh-CN') return message;
  return reason ? reasonsInChinese[reason] : importMistakesInChinese[mistake];
}

/** Products with a mistake in any row are left out whole. */
const leftOut = ({ skipped, problems }: Report): number => skipped + new Set(problems.map(({ handle }) => handle)).size;

type Props = { report: Report; stock: Choices['stock']; onClose: () => void };

/** What an import did, and the rows it could not take. */
export function ImportReport({ report, stock, onClose }: Props) {
  const t = useMessages(sectionTexts);
  const words = useMessages(importTexts);
  const { outcome, added, updated, problems } = report;
  return (
    <Sheet shape="dialog" title={t.importCsv} onClose={onClose}>
      <div class="stack">
        <p>
          <strong>{outcome === 'refused' ? words.refused : t.importResult(added, updated, leftOut(report))}</strong>
        </p>
        {updated > 0 && stock === 'keep' && <p class="quiet small">{t.importStock}</p>}
        <ul>
          {problems.slice(0, problemsMax).map((problem, index) => (
            <li key={index} class="user-text small">
              {t.importRow(problem.row, problem.column, mistakeText(problem))}
            </li>
          ))}
        </ul>
        {problems.length > problemsMax && <p class="quiet small">{t.importMore(problems.length - problemsMax)}</p>}
      </div>
    </Sheet>
  );
}
