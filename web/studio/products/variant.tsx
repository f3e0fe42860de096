import type { ComponentChildren } from 'preact';
import { IconButton } from '../../design/button.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { productTexts } from './products.messages.ts';

type Props = {
  /** Empty for the only one of a product without options, which needs no frame. */
  name: string;
  /** Not given: it stays. */
  onRemove: (() => void) | undefined;
  children: ComponentChildren;
};

/** The fields of one variant, under its name. */
export function Variant({ name, onRemove, children }: Props) {
  const t = useMessages(productTexts);
  return (
    <div class={name ? 'variant' : ''}>
      <fieldset class="stack">
        {name && (
          <legend class="field__label row row--apart user-text">
            {name}
            {onRemove && <IconButton icon="trash" sizePx={16} label={t.removeVariant(name)} onClick={onRemove} />}
          </legend>
        )}
        {children}
      </fieldset>
    </div>
  );
}
