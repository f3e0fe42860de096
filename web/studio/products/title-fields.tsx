import { TextField } from '../../design/field.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useStore } from '../../state/store.ts';
import { sectionTexts } from '../section.messages.ts';

type Title = { en: string; zh: string };

const lengthMax = 255;

/** The title in both languages, one of which is enough. That of the person comes first. */
export function TitleFields({ title, onWrite }: { title: Title; onWrite: (part: Partial<Title>) => void }) {
  const t = useMessages(sectionTexts);
  const isChinese = useStore(language) === 'zh-CN';
  const isNone = title.en === '' && title.zh === '';
  const field = (key: keyof Title, label: string, isFirst: boolean) => (
    <TextField
      key={key}
      label={label}
      maxLength={lengthMax}
      required={isFirst && isNone}
      value={title[key]}
      onText={(typed) => onWrite({ [key]: typed })}
    />
  );
  const fields = [field('en', t.productTitle, !isChinese), field('zh', t.productTitleZh, isChinese)];
  return <>{isChinese ? fields.toReversed() : fields}</>;
}
