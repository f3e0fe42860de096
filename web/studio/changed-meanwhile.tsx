import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Problem } from '../design/problem.tsx';
import { messages, useMessages } from '../i18n/messages.ts';

type Props = { busy: boolean; onReread: () => void };

/**
 * Two were at it: whose word counts is for the second one to say, who knows of both. Stands in the form, where the button to save
 * stood, and sends the form as that did.
 */
export function ChangedMeanwhile({ busy, onReread }: Props) {
  const t = useMessages(texts);
  const choice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that had the focus is gone; and this stands at the foot of a long form.
    choice.current?.focus({ preventScroll: true });
    choice.current?.scrollIntoView({ block: 'end' });
  }, []);
  return (
    <div ref={choice} class="stack changed-meanwhile" role="alert" tabIndex={-1}>
      <Problem text={t.changed} />
      <p class="quiet small">{t.choose}</p>
      <div class="row row--wrap">
        <Button onClick={onReread}>{t.showTheirs}</Button>
        <Button type="submit" kind="primary" busy={busy}>
          {t.saveMine}
        </Button>
      </div>
    </div>
  );
}

const texts = messages(
  {
    changed: 'This was changed elsewhere while you were at it. Yours was not saved over it.',
    choose: 'Look at that first, or save yours: what you did not touch stays as it is there.',
    showTheirs: 'Drop mine, show the other',
    saveMine: 'Save mine',
  },
  {
    changed: '你编辑期间，内容在别处被修改过，你的修改没有覆盖它。',
    choose: '可以先看最新的版本，也可以保存你的：你没动过的内容以最新版本为准。',
    showTheirs: '放弃修改，看最新版本',
    saveMine: '保存我的',
  },
);
