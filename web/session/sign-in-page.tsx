import { useMessages } from '../i18n/messages.ts';
import { navigate, usePlace } from '../router/router.tsx';
import { Page } from '../shell/page.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { sessionTexts } from './session.messages.ts';

export function SignInPage() {
  const t = useMessages(sessionTexts);
  const { query } = usePlace();
  // Only a path of ours: an address of somebody else's would make this page a door to it.
  const next = query.get('next');
  const target = next?.startsWith('/') && !next.startsWith('//') ? next : '/';
  return (
    <Page title={t.signIn} narrow>
      <div class="card sign-in-card">
        <h1>{t.welcome}</h1>
        <p class="quiet">{t.why}</p>
        <SignInForm needsAccount={query.has('account')} onDone={() => navigate(target, { replace: true })} />
      </div>
    </Page>
  );
}
