import { Bar } from '../design/bar.tsx';
import { Button } from '../design/button.tsx';
import { useMessages } from '../i18n/messages.ts';
import { oldNews } from '../state/old-news.ts';
import { useStore } from '../state/store.ts';
import { shellTexts } from './shell.messages.ts';

/** The server is there, or seems to be, and did not tell the news of something that is on this page. */
export function OldNewsBar() {
  const t = useMessages(shellTexts);
  const old = useStore(oldNews);
  if (old.size === 0) return null;
  const readAll = () => {
    for (const readAgain of old) readAgain();
  };
  return (
    <Bar tone="bad">
      {t.oldNews}{' '}
      <Button size="small" onClick={readAll}>
        {t.again}
      </Button>
    </Bar>
  );
}
