import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { Main } from '../shell/main.tsx';

/**
 * A page whose code comes when it is opened. A failed download says so and can be tried again. After an update of the server the file
 * is gone, and some browsers never ask again for one that failed: then the whole page is loaded anew.
 */
export function lazyPage<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyPage(props: Props) {
    const t = useMessages(texts);
    const [state, setState] = useState<'loading' | 'ready' | 'failed'>(loaded ? 'ready' : 'loading');
    const fetchIt = async () => {
      setState('loading');
      try {
        loaded = await load();
        setState('ready');
        return true;
      } catch {
        setState('failed');
        return false;
      }
    };
    const again = async () => {
      if (!(await fetchIt()) && (await isServerThere())) location.reload();
    };
    useEffect(() => {
      if (!loaded) void fetchIt();
    }, []);
    const Page = loaded;
    if (Page) return <Page {...props} />;
    if (state === 'loading') return <Main class="page" aria-busy="true" />;
    return (
      <Main class="page">
        <Notice icon="globe" title={t.failed} text={t.why}>
          <Button kind="primary" onClick={() => void again()}>
            {t.again}
          </Button>
        </Notice>
      </Main>
    );
  };
}

/** Reloading without a server would take away the page that says so. */
const isServerThere = (): Promise<boolean> =>
  fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );

const texts = messages(
  { failed: 'This page did not load', why: 'The connection broke, or the server was updated.', again: 'Try again' },
  { failed: '页面没有加载成功', why: '可能是网络中断，或服务器刚刚更新。', again: '重试' },
);
