import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { shellTexts } from './shell.messages.ts';

/** A search that found nothing. `text`: what else may help. */
export function NothingFound({ query, text }: { query: string; text?: string }) {
  const t = useMessages(shellTexts);
  return <Notice icon="search" title={t.noneFound(query)} text={text ?? t.noneFoundText} />;
}
