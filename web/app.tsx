import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { pageAt, type PageAddress } from '../shared/page-addresses.ts';
import { Toasts } from './design/toast.tsx';
import { messages, useMessages } from './i18n/messages.ts';
import { usePlace } from './router/router.tsx';
import { lazyPage } from './router/lazy-page.tsx';
import { HomePage } from './home/home-page.tsx';
import { EndedBar } from './session/ended-bar.tsx';
import { SignInSheet } from './session/sign-in-sheet.tsx';
import { Boundary } from './shell/boundary.tsx';
import { NewsBars } from './shell/news-bars.tsx';
import { focusMain } from './shell/main.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { useToldHeight } from './state/use-told-height.ts';

type PageProps = { params: Record<string, string> };

const StudioPage = lazyPage<PageProps>(() => import('./studio/studio-page.tsx').then((part) => part.StudioPage));

/** One part for both addresses: a draw opened from the form stays the same page, with what was pasted into it. */
const VerifyPage = lazyPage<PageProps>(() => import('./verify/verify-page.tsx').then((part) => part.VerifyPage));

/** Home and the live room come with the first download, the others when they are opened. */
const pages: Readonly<Record<PageAddress, ComponentType<PageProps>>> = {
  '/': HomePage,
  '/room/:roomId': lazyPage(() => import('./room/room-page.tsx').then((part) => part.RoomPage)),
  '/offer/:offerId': lazyPage(() => import('./sale/offer-page.tsx').then((part) => part.OfferPage)),
  '/studio': StudioPage,
  '/studio/:section': StudioPage,
  '/studio/:section/:roomId': StudioPage,
  '/orders': lazyPage(() => import('./orders/orders-page.tsx').then((part) => part.OrdersPage)),
  '/orders/:orderId': lazyPage(() => import('./orders/order-page.tsx').then((part) => part.OrderPage)),
  '/verify': VerifyPage,
  '/verify/:giveawayId': VerifyPage,
  '/sign-in': lazyPage(() => import('./session/sign-in-page.tsx').then((part) => part.SignInPage)),
};

export function App() {
  const t = useMessages(texts);
  const { path } = usePlace();
  const at = pageAt(path);
  const Page = at ? pages[at.address] : NotFoundPage;
  const shownPath = useRef(path);
  const overBars = useToldHeight<HTMLDivElement>('--over-bars');
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
      <Boundary key={path.split('/').slice(0, 2).join('/')}>
        <Page params={at?.params ?? {}} />
      </Boundary>
      <div class="over-bars" ref={overBars}>
        <EndedBar />
        <NewsBars />
      </div>
      <SignInSheet />
      <Toasts />
    </>
  );
}

const texts = messages({ skip: 'Skip to the content' }, { skip: '跳到主要内容' });
