import { useId } from 'preact/hooks';
import { Cover } from '../../design/avatar.tsx';
import { PictureField } from '../../design/picture-field.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { useStore } from '../../state/store.ts';
import { studioTexts } from '../studio.messages.ts';
import type { Planning } from './use-planning.ts';
import './planned.css';

type Props = { cover: string; onCover: (url: string) => void; planning: Planning };

/** The picture of a show: an address, or by one press the picture of a product that will be shown. */
export function CoverField({ cover, onCover, planning: { productIds, cards } }: Props) {
  const t = useMessages(studioTexts);
  const labelId = useId();
  const shownIn = useStore(language);
  const pictured = productIds.flatMap((id) => cards.get(id) ?? []).filter(({ imageUrl }) => imageUrl !== '');
  return (
    <div class="stack">
      <PictureField label={t.cover} value={cover} onText={onCover} />
      {pictured.length > 0 && (
        <>
          <p class="quiet small" id={labelId}>
            {t.coverFrom}
          </p>
          <ul class="covers" aria-labelledby={labelId}>
            {pictured.map(({ productId, imageUrl, title }) => (
              <li key={productId}>
                <button
                  type="button"
                  class="covers__one"
                  aria-pressed={cover === imageUrl}
                  aria-label={t.coverOf(localized(title, shownIn))}
                  title={t.coverOf(localized(title, shownIn))}
                  onClick={() => onCover(imageUrl)}
                >
                  <Cover url={imageUrl} id={productId} />
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
