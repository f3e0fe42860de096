import { Sheet } from '../design/sheet.tsx';
import { toast } from '../design/toast.tsx';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { createStore, useStore } from '../state/store.ts';
import { SignInForm } from './sign-in-form.tsx';
import { sessionTexts } from './session.messages.ts';
import { person } from './session.ts';

type Asking = { first: 'sign-in' | 'register'; answer: (hasAccount: boolean) => void };

const asking = createStore<Asking | null>(null);

/**
 * Resolves true when the person has an account, asking for one in place if need be, so that nobody loses their place.
 *
 * @param as the person who pressed, where what they pressed belongs to them. A guest who signs in to an account of before is
 * somebody else: it resolves false then, and they are told to press again, seeing what they press for.
 */
export async function needAccount(as?: string): Promise<boolean> {
  const before = person()?.kind;
  // Whoever has come as a guest and wants more most likely has no account yet.
  const hasAccount = before === 'account' || (await askFor(before === 'guest' ? 'register' : 'sign-in'));
  const now = person();
  if (!hasAccount || as === undefined || now?.personId === as) return hasAccount;
  toast(sessionTexts[language.get()].pressAgain(now?.name ?? ''));
  return false;
}

/** For who has pressed "Sign in": an account of before comes first, also for a guest. */
export const signInHere = (): Promise<boolean> => askFor('sign-in');

const askFor = (first: Asking['first']): Promise<boolean> => new Promise((answer) => asking.set({ first, answer }));

export function SignInSheet() {
  const t = useMessages(sessionTexts);
  const asked = useStore(asking);
  if (!asked) return null;
  const finish = () => {
    asking.set(null);
    asked.answer(person()?.kind === 'account');
  };
  return (
    <Sheet shape="dialog" title={t.signIn} onClose={finish}>
      <div class="stack">
        <p class="quiet">{t.why}</p>
        <SignInForm needsAccount first={asked.first} onDone={finish} />
      </div>
    </Sheet>
  );
}
