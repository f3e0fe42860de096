import { Sheet } from '../design/sheet.tsx';
import { toast } from '../design/toast.tsx';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { createStore, useStore } from '../state/store.ts';
import { SignInForm } from './sign-in-form.tsx';
import { sessionTexts } from './session.messages.ts';
import { person } from './session.ts';

const asking = createStore<((hasAccount: boolean) => void) | null>(null);

/**
 * Resolves true when the person has an account, asking for one in place if need be, so that nobody loses their place.
 *
 * @param as the person who pressed, where what they pressed belongs to them. A guest who signs in to an account of before is
 * somebody else: it resolves false then, and they are told to press again, seeing what they press for.
 */
export async function needAccount(as?: string): Promise<boolean> {
  const hasAccount = person()?.kind === 'account' || (await new Promise<boolean>((resolve) => asking.set(resolve)));
  const now = person();
  if (!hasAccount || as === undefined || now?.personId === as) return hasAccount;
  toast(sessionTexts[language.get()].pressAgain(now?.name ?? ''));
  return false;
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
      <div class="stack">
        <p class="quiet">{t.why}</p>
        <SignInForm needsAccount onDone={finish} />
      </div>
    </Sheet>
  );
}
