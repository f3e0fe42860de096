import { useState } from 'preact/hooks';
import { messages, useMessages } from '../i18n/messages.ts';
import { Button } from './button.tsx';
import { Sheet } from './sheet.tsx';

type Question = { title: string; explanation: string; yes: string; danger?: boolean; onYes: () => void };

/** For what costs money or can't be undone: asks once, in words. Returns how to ask and what to render. */
export function useQuestion() {
  const t = useMessages(texts);
  const [question, setQuestion] = useState<Question | null>(null);
  const close = () => setQuestion(null);
  const answerYes = () => {
    question?.onYes();
    close();
  };
  const dialog = question && (
    <Sheet
      shape="dialog"
      title={question.title}
      onClose={close}
      foot={
        <div class="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={close}>{t.no}</Button>
          <Button kind={question.danger ? 'danger' : 'primary'} onClick={answerYes}>
            {question.yes}
          </Button>
        </div>
      }
    >
      <p>{question.explanation}</p>
    </Sheet>
  );
  return { ask: setQuestion, dialog };
}

const texts = messages({ no: 'Not now' }, { no: '再想想' });
