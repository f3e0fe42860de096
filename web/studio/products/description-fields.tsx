import { TextArea } from '../../design/field.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useStore } from '../../state/store.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import { productTexts } from './products.messages.ts';

type Description = { en: string; zh: string };
type Props = { description: Description; onWrite: (part: Partial<Description>) => void };

/** What buyers read of a product, in both languages or one. That of the person comes first. */
export function DescriptionFields({ description, onWrite }: Props) {
  const t = useMessages(productTexts);
  const isChinese = useStore(language) === 'zh-CN';
  const field = (key: keyof Description, label: string) => (
    <TextArea
      key={key}
      label={label}
      rows={3}
      maxLength={catalogLimits.descriptionLengthMax}
      value={description[key]}
      onText={(typed) => onWrite({ [key]: typed })}
    />
  );
  const fields = [field('en', t.description), field('zh', t.descriptionZh)];
  return <>{isChinese ? fields.toReversed() : fields}</>;
}
