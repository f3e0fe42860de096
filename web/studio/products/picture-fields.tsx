import { Button, IconButton } from '../../design/button.tsx';
import { PictureField } from '../../design/picture-field.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import type { Pictures } from './pictures.ts';
import { productTexts } from './products.messages.ts';

const nothing: Pictures[number] = { url: '', alt: '' };

type Props = { pictures: Pictures; onWrite: (pictures: Pictures) => void };

/** Where the pictures of a product are, in their order: the first one stands for it in lists. */
export function PictureFields({ pictures, onWrite }: Props) {
  const t = useMessages(productTexts);
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  const lines = pictures.length > 0 ? pictures : [nothing];
  const swapped = (index: number) => lines.with(index - 1, lines[index]!).with(index, lines[index - 1]!);
  return (
    <div class="stack" ref={place} tabIndex={-1}>
      {lines.map((picture, index) => (
        <div key={index} class="row picture-line">
          <div class="grow">
            <PictureField
              label={t.picture(index + 1)}
              value={picture.url}
              onText={(url) => onWrite(lines.with(index, { url, alt: '' }))}
            />
          </div>
          {index > 0 && <IconButton icon="up" label={t.earlier(index + 1)} onClick={() => onWrite(swapped(index))} />}
          {lines.length > 1 && (
            <IconButton
              icon="trash"
              label={t.removePicture(index + 1)}
              onClick={() => {
                focusPlace();
                onWrite(lines.toSpliced(index, 1));
              }}
            />
          )}
        </div>
      ))}
      {lines.length < catalogLimits.imagesMax && lines.at(-1)!.url !== '' && (
        <div>
          <Button size="small" icon="plus" onClick={() => onWrite([...lines, nothing])}>
            {t.addPicture}
          </Button>
        </div>
      )}
    </div>
  );
}
