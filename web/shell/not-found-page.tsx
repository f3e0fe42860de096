import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { Page } from './page.tsx';
import { shellTexts } from './shell.messages.ts';

export function NotFoundPage() {
  const t = useMessages(shellTexts);
  return (
    <Page title={t.notFound} narrow>
      <Notice icon="search" title={t.notFound} text={t.notFoundWhy}>
        <Link to="/" class="button button--primary button--normal">
          {t.home}
        </Link>
      </Notice>
    </Page>
  );
}
