import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Choice } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import type { ImportChoices as Wire } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { importTexts } from './import.messages.ts';

export type Choices = Omit<Wire, 'requestKey'>;

type Props = {
  fileName: string;
  /** What its texts seem to be in. */
  language: Choices['language'];
  onStart: (choices: Choices) => void;
  onClose: () => void;
};

/** What is to be done with a product file. */
export function ImportChoices({ fileName, language, onStart, onClose }: Props) {
  const t = useMessages(sectionTexts);
  const words = useMessages(importTexts);
  const [choices, setChoices] = useState<Choices>(() => ({
    language,
    mode: 'keep-good',
    existing: 'update',
    stock: 'keep',
  }));
  const choose = <Name extends keyof Choices>(name: Name, labels: Readonly<Record<Choices[Name], string>>) => ({
    value: choices[name],
    choices: (Object.keys(labels) as Choices[Name][]).map((key) => ({ key, label: labels[key] })),
    onChoose: (key: Choices[Name]) => setChoices((before) => ({ ...before, [name]: key })),
  });
  const start = (event: Event) => {
    event.preventDefault();
    onStart(choices);
  };
  return (
    <Sheet shape="dialog" title={t.importCsv} onClose={onClose}>
      <form class="stack" onSubmit={start}>
        <p class="user-text">
          <strong>{fileName}</strong>
        </p>
        <Choice label={words.language} {...choose('language', words.languages)} />
        <Choice label={words.mode} {...choose('mode', words.modes)} />
        <Choice label={words.existing} {...choose('existing', words.existings)} />
        {choices.existing === 'update' && <Choice label={words.stock} {...choose('stock', words.stocks)} />}
        <Button type="submit" kind="primary" size="big" wide>
          {words.start}
        </Button>
      </form>
    </Sheet>
  );
}
