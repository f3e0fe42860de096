import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { Main } from '../shell/main.tsx';

/** A page whose code comes when it is opened. A failed download says so and can be tried again. */
export function lazyPage<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyPage(props: Props) {
    const t = useMessages(texts);
    const [state, setState] = useState<'loading' | 'ready' | 'failed'>(loaded ? 'ready' : 'loading');
    const fetchIt = () => {
      setState('loading');
      load().then(
        (page) => {
          loaded = page;
          setState('ready');
        },
        () => setState('failed'),
      );
    };
    useEffect(() => {
      if (!loaded) fetchIt();
    }, []);
    const Page = loaded;
    if (Page) return <Page {...props} />;
    if (state === 'loading') return <Main class="page" aria-busy="true" />;
    return (
      <Main class="page">
        <Notice icon="globe" title={t.failed} text={t.why}>
          <Button kind="primary" onClick={fetchIt}>
            {t.again}
          </Button>
        </Notice>
      </Main>
    );
  };
}

const texts = messages(
  { failed: 'This page did not load', why: 'The connection broke, or the server was updated.', again: 'Try again' },
  { failed: '页面没有加载成功', why: '可能是网络中断，或服务器刚刚更新。', again: '重试' },
);
