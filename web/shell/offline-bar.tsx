import { Bar } from '../design/bar.tsx';
import { useMessages } from '../i18n/messages.ts';
import { online } from '../state/online.ts';
import { useStore } from '../state/store.ts';
import { useToldHeight } from '../state/use-told-height.ts';
import { OldNewsBar } from './old-news-bar.tsx';
import { shellTexts } from './shell.messages.ts';

/** Says on ordinary pages that what they show may be old. */
export function OfflineBar() {
  const t = useMessages(shellTexts);
  const place = useToldHeight<HTMLDivElement>('--page-bar');
  return <div ref={place}>{useStore(online) ? <OldNewsBar /> : <Bar tone="bad">{t.offline}</Bar>}</div>;
}
