import { Component, type ComponentChildren } from 'preact';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Main } from './main.tsx';
import { shellTexts } from './shell.messages.ts';

/** Where the error of a page ends: it is reported, and the page says what helps instead of going white. */
export class Boundary extends Component<{ children: ComponentChildren }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static override getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown): void {
    reportError(error);
  }

  override render(): ComponentChildren {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const t = useMessages(shellTexts);
  return (
    <Main class="page">
      <Notice icon="globe" title={t.broken} text={t.brokenWhy}>
        <Button kind="primary" onClick={() => location.reload()}>
          {t.reload}
        </Button>
      </Notice>
    </Main>
  );
}
