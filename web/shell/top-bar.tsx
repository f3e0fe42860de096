import { Avatar } from '../design/avatar.tsx';
import { IconButton } from '../design/button.tsx';
import { chooseTheme, theme } from '../design/theme.ts';
import { chooseLanguage, language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { NoticesButton } from '../reminder/notices-button.tsx';
import { Link, usePlace } from '../router/router.tsx';
import { session, signOut } from '../session/session.ts';
import { useSelected, useStore } from '../state/store.ts';
import { useToldHeight } from '../state/use-told-height.ts';
import { shellTexts } from './shell.messages.ts';

export function TopBar() {
  const t = useMessages(shellTexts);
  const personId = useSelected(session, (current) => current?.person.personId ?? null);
  const place = useToldHeight<HTMLElement>('--top-bar');
  return (
    <header class="top-bar" ref={place}>
      <nav class="top-bar__inside" aria-label={t.navigation}>
        <Link to="/" class="brand" aria-label="Nightmarket">
          <img src="/icon.svg" width="28" height="28" alt="" />
          <span>Nightmarket</span>
        </Link>
        <span class="grow" />
        <Link to="/studio" class="top-bar__link">
          {t.studio}
        </Link>
        <Link to="/orders" class="top-bar__link">
          {t.orders}
        </Link>
        {personId && <NoticesButton personId={personId} />}
        <LanguageButton />
        <ThemeButton />
        <Who />
      </nav>
    </header>
  );
}

/** Shows the language one would switch to. */
export function LanguageButton() {
  const other = useStore(language) === 'en' ? 'zh-CN' : 'en';
  return (
    <button type="button" class="language" lang={other} onClick={() => chooseLanguage(other)}>
      {other === 'en' ? 'EN' : '中文'}
    </button>
  );
}

function ThemeButton() {
  const t = useMessages(shellTexts);
  const isDark = useStore(theme) === 'dark';
  return (
    <IconButton
      icon={isDark ? 'sun' : 'moon'}
      label={isDark ? t.light : t.dark}
      onClick={() => chooseTheme(isDark ? 'light' : 'dark')}
    />
  );
}

function Who() {
  const t = useMessages(shellTexts);
  const who = useStore(session)?.person;
  const { path } = usePlace();
  if (!who || who.kind === 'guest') {
    if (path === '/sign-in') return null; // One is there.
    const back = encodeURIComponent(location.pathname + location.search);
    return (
      <Link to={`/sign-in?next=${back}`} class="button button--primary button--small">
        {t.signIn}
      </Link>
    );
  }
  return (
    <details class="who">
      <summary aria-label={who.name} title={who.name}>
        <Avatar id={who.personId} name={who.name} sizePx={32} />
      </summary>
      <div class="who__menu card">
        <p class="user-text one-line">
          <strong>{who.name}</strong>
        </p>
        <button type="button" class="who__item" onClick={() => void signOut()}>
          {t.signOut}
        </button>
      </div>
    </details>
  );
}
