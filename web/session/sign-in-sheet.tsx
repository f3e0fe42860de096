import { Sheet } from '../design/sheet.tsx';
import { useMessages } from '../i18n/messages.ts';
import { createStore, useStore } from '../state/store.ts';
import { SignInForm } from './sign-in-form.tsx';
import { sessionTexts } from './session.messages.ts';
import { person } from './session.ts';

const asking = createStore<((hasAccount: boolean) => void) | null>(null);

/** Resolves true when the person has an account, asking for one in place if need be, so that nobody loses their place. */
export function needAccount(): Promise<boolean> {
  if (person()?.kind === 'account') return Promise.resolve(true);
  return new Promise((resolve) => asking.set(resolve));
}

export function SignInSheet() {
  const t = useMessages(sessionTexts);
  const answer = useStore(asking);
  if (!answer) return null;
  const finish = () => {
    asking.set(null);
    answer(person()?.kind === 'account');
  };
  return (
    <Sheet shape="dialog" title={t.signIn} onClose={finish}>
      <p class="quiet" style={{ marginBottom: 16 }}>
        {t.why}
      </p>
      <SignInForm needsAccount onDone={finish} />
    </Sheet>
  );
}
