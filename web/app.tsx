import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Toasts } from './design/toast.tsx';
import { messages, useMessages } from './i18n/messages.ts';
import { matchPath, usePlace } from './router/router.tsx';
import { lazyPage } from './router/lazy-page.tsx';
import { HomePage } from './home/home-page.tsx';
import { EndedBar } from './session/ended-bar.tsx';
import { SignInSheet } from './session/sign-in-sheet.tsx';
import { NewsBars } from './shell/news-bars.tsx';
import { focusMain } from './shell/main.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';

type PageProps = { params: Record<string, string> };
type Route = { pattern: string; page: ComponentType<PageProps> };

const StudioPage = lazyPage<PageProps>(() => import('./studio/studio-page.tsx').then((part) => part.StudioPage));

/** One part for both addresses: a draw opened from the form stays the same page, with what was pasted into it. */
const VerifyPage = lazyPage<PageProps>(() => import('./verify/verify-page.tsx').then((part) => part.VerifyPage));

/** Every page there is. Home and the live room come with the first download, the others when they are opened. */
const routes: readonly Route[] = [
  { pattern: '/', page: HomePage },
  { pattern: '/room/:roomId', page: lazyPage(() => import('./room/room-page.tsx').then((part) => part.RoomPage)) },
  { pattern: '/studio', page: StudioPage },
  { pattern: '/studio/:section', page: StudioPage },
  { pattern: '/studio/:section/:roomId', page: StudioPage },
  { pattern: '/orders', page: lazyPage(() => import('./orders/orders-page.tsx').then((part) => part.OrdersPage)) },
  {
    pattern: '/orders/:orderId',
    page: lazyPage(() => import('./orders/order-page.tsx').then((part) => part.OrderPage)),
  },
  { pattern: '/verify', page: VerifyPage },
  { pattern: '/verify/:giveawayId', page: VerifyPage },
  { pattern: '/sign-in', page: lazyPage(() => import('./session/sign-in-page.tsx').then((part) => part.SignInPage)) },
];

export function App() {
  const t = useMessages(texts);
  const { path } = usePlace();
  const { page: Page, params } = found(path);
  const shownPath = useRef(path);
  useEffect(() => {
    // A new page is read from its top. The first one is not new: there, Tab begins at the top of the window.
    if (shownPath.current !== path) focusMain();
    shownPath.current = path;
  }, [path]);
  return (
    <>
      <a class="skip-link" href="#main">
        {t.skip}
      </a>
      <Page params={params} key={path.split('/').slice(0, 2).join('/')} />
      <div class="over-bars">
        <EndedBar />
        <NewsBars />
      </div>
      <SignInSheet />
      <Toasts />
    </>
  );
}

function found(path: string): { page: ComponentType<PageProps>; params: Record<string, string> } {
  for (const { pattern, page } of routes) {
    const params = matchPath(pattern, path);
    if (params) return { page, params };
  }
  return { page: NotFoundPage, params: {} };
}

const texts = messages({ skip: 'Skip to the content' }, { skip: '跳到主要内容' });
