import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Problem } from '../design/problem.tsx';
import { Tabs } from '../design/tabs.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { register, session, signIn, startAsGuest } from './session.ts';
import { useSubmit } from '../state/use-submit.ts';
import { sessionTexts } from './session.messages.ts';

type Way = 'sign-in' | 'register' | 'guest';

type FormProps = {
  /** What the person wants to do next is not for guests. */
  needsAccount: boolean;
  /** The way that is offered first. */
  first: 'sign-in' | 'register';
  onDone: () => void;
};

/** Three ways in. */
export function SignInForm({ needsAccount, first, onDone }: FormProps) {
  const t = useMessages(sessionTexts);
  const current = useStore(session)?.person ?? null;
  const isGuest = current?.kind === 'guest';
  const [way, setWay] = useState<Way>(first);
  const [name, setName] = useState(current?.name ?? '');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { problem, busy, onSubmit } = useSubmit(async () => {
    if (way === 'guest') await startAsGuest(name);
    else if (way === 'register') await register({ name, email, password });
    else await signIn(email, password);
    onDone();
    return undefined;
  });

  const ways: { key: Way; label: string }[] = [
    { key: 'sign-in', label: t.signIn },
    { key: 'register', label: t.register },
  ];
  if (!needsAccount && !current) ways.push({ key: 'guest', label: t.asGuest });

  return (
    <form class="stack" onSubmit={onSubmit}>
      <Tabs label={t.signIn} tabs={ways} chosen={way} onChoose={setWay}>
        {way === 'guest' && <p class="quiet small">{t.guestExplained}</p>}
        {way === 'register' && isGuest && <p class="quiet small">{t.keepsName}</p>}
        {way !== 'sign-in' && (
          <TextField
            label={t.name}
            hint={t.nameHint}
            required
            maxLength={40}
            autocomplete="nickname"
            value={name}
            onText={setName}
          />
        )}
        {way !== 'guest' && (
          <>
            <TextField
              label={t.email}
              hint={way === 'register' ? t.emailHint : undefined}
              type="email"
              required
              maxLength={254}
              autocomplete="email"
              value={email}
              onText={setEmail}
            />
            <TextField
              label={t.password}
              hint={way === 'register' ? t.passwordHint : undefined}
              type="password"
              required
              minLength={way === 'register' ? 10 : 1}
              maxLength={200}
              autocomplete={way === 'register' ? 'new-password' : 'current-password'}
              value={password}
              onText={setPassword}
            />
          </>
        )}
      </Tabs>
      <Problem text={problem} />
      <Button type="submit" kind="primary" size="big" wide busy={busy}>
        {way === 'sign-in' ? t.signIn : way === 'register' ? t.makeAccount : t.goOnAsGuest}
      </Button>
    </form>
  );
}
