import { useState } from 'preact/hooks';
import { Cover } from '../../design/avatar.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { PlannedWords } from '../../sale/planned-words.tsx';
import { Failure } from '../../shell/failure.tsx';
import { useKeptFocus } from '../../state/use-kept-focus.ts';
import { useStore } from '../../state/store.ts';
import { limits } from '../../../shared/limits.ts';
import type { PlannedProduct } from '../../../shared/protocol/room.ts';
import { MoveButtons } from './move-buttons.tsx';
import { plannedTexts } from './planned.messages.ts';
import type { Planning } from './use-planning.ts';
import './planned.css';

/** What will be shown, in order: a mouse drags, thumbs and keys have buttons. The choice itself is a sheet of its own. */
export function PlannedField({ planning }: { planning: Planning }) {
  const t = useMessages(plannedTexts);
  const { productIds, setProductIds, cards, reading, again, openChoice } = planning;
  const isRead = reading.state === 'ready';
  const goneIds = isRead ? productIds.filter((id) => !cards.has(id)) : [];
  return (
    <fieldset class="planned">
      <legend class="field__label">{t.planned}</legend>
      <p class="row row--apart quiet small">
        <span>{t.plannedHint}</span>
        <span class="numbers">{t.ofMax(productIds.length, limits.roomProductsMax)}</span>
      </p>
      {reading.state === 'loading' && <Skeleton height={60} />}
      {reading.state === 'failed' && <Failure error={reading.error} onAgain={again} />}
      {isRead && <Rows planning={planning} />}
      {goneIds.length > 0 && (
        <p class="row row--wrap quiet small" role="note">
          <span class="grow">{t.gone(goneIds.length)}</span>
          <Button size="small" onClick={() => setProductIds(productIds.filter((id) => cards.has(id)))}>
            {t.removeGone}
          </Button>
        </p>
      )}
      {isRead && (
        <Button icon="plus" onClick={openChoice}>
          {t.choose}
        </Button>
      )}
    </fieldset>
  );
}

function Rows({ planning: { productIds, setProductIds, cards } }: { planning: Planning }) {
  const [dragged, setDragged] = useState<string | null>(null);
  const keepFocus = useKeptFocus(productIds);
  const shown = productIds.flatMap((id) => cards.get(id) ?? []);
  if (shown.length === 0) return null;
  /** Moves a product to where another one of those that are shown stands. */
  const move = (productId: string, toIndex: number) => {
    const place = shown[toIndex];
    if (!place) return;
    keepFocus();
    setProductIds(
      productIds.filter((id) => id !== productId).toSpliced(productIds.indexOf(place.productId), 0, productId),
    );
  };
  return (
    <ol class="planned__rows">
      {shown.map((product, index) => (
        <Row
          key={product.productId}
          product={product}
          isFirst={index === 0}
          isLast={index === shown.length - 1}
          onMove={(step) => move(product.productId, index + step)}
          onRemove={() => setProductIds(productIds.filter((id) => id !== product.productId))}
          onDragStart={() => setDragged(product.productId)}
          onDrop={() => dragged && move(dragged, index)}
        />
      ))}
    </ol>
  );
}

type RowProps = {
  product: PlannedProduct;
  isFirst: boolean;
  isLast: boolean;
  onMove: (step: -1 | 1) => void;
  onRemove: () => void;
  onDragStart: () => void;
  onDrop: () => void;
};

function Row({ product, isFirst, isLast, onMove, onRemove, onDragStart, onDrop }: RowProps) {
  const t = useMessages(plannedTexts);
  const title = localized(product.title, useStore(language));
  const drop = (event: DragEvent) => {
    event.preventDefault(); // A browser would follow the address of a picture that is dropped.
    onDrop();
  };
  return (
    <li
      class="planned__row"
      draggable
      aria-label={title}
      onDragStart={onDragStart}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <MoveButtons isFirst={isFirst} isLast={isLast} onMove={onMove} />
      <span class="planned__picture">
        <Cover url={product.imageUrl} id={product.productId} />
      </span>
      <PlannedWords product={product} />
      <IconButton icon="close" sizePx={18} label={t.removeOf(title)} onClick={onRemove} />
    </li>
  );
}
