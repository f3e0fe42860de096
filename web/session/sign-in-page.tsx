import { useEffect } from 'preact/hooks';
import { useMessages } from '../i18n/messages.ts';
import { navigate, usePlace } from '../router/router.tsx';
import { Page } from '../shell/page.tsx';
import { useSelected } from '../state/store.ts';
import { SignInForm } from './sign-in-form.tsx';
import { ownPath } from './own-path.ts';
import { session } from './session.ts';
import { sessionTexts } from './session.messages.ts';

export function SignInPage() {
  const t = useMessages(sessionTexts);
  const { query } = usePlace();
  const hasAccount = useSelected(session, (now) => now?.person.kind === 'account');
  const goOn = () => navigate(ownPath(query.get('next'), location.origin), { replace: true });
  useEffect(() => {
    if (hasAccount) goOn(); // Signed in before, or in another tab.
  }, [hasAccount]);
  return (
    <Page title={t.signIn} narrow>
      <div class="card sign-in-card">
        <h1>{t.welcome}</h1>
        <p class="quiet">{t.why}</p>
        <SignInForm needsAccount={query.has('account')} first="sign-in" onDone={goOn} />
      </div>
    </Page>
  );
}
