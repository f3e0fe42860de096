import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { whole } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { isOn, localized, mayBeFlashed } from '../../room/offers.ts';
import { CopyLink } from '../../sale/copy-link.tsx';
import { FlashLine, useSaleState } from '../../sale/flash-line.tsx';
import { OfferWords } from '../../sale/offer-words.tsx';
import { ProductPicture } from '../../sale/product-picture.tsx';
import { useStore } from '../../state/store.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { studioTexts } from '../studio.messages.ts';
import { EditOffer } from './edit-offer.tsx';
import { MoveButtons } from './move-buttons.tsx';
import { useIsPromised } from './use-is-promised.ts';
import type { OfferVerbs } from './use-offer-verbs.ts';

type Props = {
  offer: Offer;
  /** Null for who may look only: nobody is offered what would be refused. */
  verbs: OfferVerbs | null;
  /** Different people who opened it. */
  clicks: number;
  onFlash: () => void;
  /** One place up (-1) or down (1): for thumbs, which can't drag here. */
  onMove: (step: -1 | 1) => void;
  isFirst: boolean;
  isLast: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
  onDragStart: () => void;
  onDrop: () => void;
};

export function RunningItem(props: Props) {
  const { offer, verbs, clicks, onFlash, onKeyDown, onDragStart, onDrop } = props;
  const t = useMessages(studioTexts);
  const title = localized(offer.title, useStore(language));
  const isPinned = offer.pinnedAtMs !== null;
  return (
    <li
      class={isPinned ? 'running-item running-item--pinned' : 'running-item'}
      tabIndex={0}
      draggable={verbs !== null}
      aria-label={`${offer.itemNumber}. ${title}`}
      onKeyDown={onKeyDown}
      onDragStart={onDragStart}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
    >
      {offer.kind === 'flash' && isOn(offer) && <FlashLine offer={offer} />}
      <div class="row">
        {verbs && <MoveButtons {...props} />}
        <ProductPicture offer={offer} sizePx={52} />
        <OfferWords offer={offer}>
          <OfferBadge offer={offer} />
          {isOn(offer) && (
            <span class="quiet small numbers">{t.left(whole(offer.unitsLeft), whole(offer.allotmentUnits))}</span>
          )}
          {clicks > 0 && <span class="quiet small numbers">{t.clicksOf(clicks)}</span>}
        </OfferWords>
        {verbs && <Acts offer={offer} title={title} verbs={verbs} onFlash={onFlash} />}
      </div>
    </li>
  );
}

type ActsProps = { offer: Offer; title: string; verbs: OfferVerbs; onFlash: () => void };

/** What may be done with an offer now. What a raffle drop has promised stays as it is until that is over. */
function Acts({ offer, title, verbs, onFlash }: ActsProps) {
  const t = useMessages(studioTexts);
  const question = useQuestion();
  const [isEditing, setEditing] = useState(false);
  const isPromised = useIsPromised(offer);
  const isPinned = offer.pinnedAtMs !== null;
  const askClose = () =>
    question.ask({
      title: t.closeOffer,
      explanation: `${offer.itemNumber}. ${title}`,
      yes: t.closeOffer,
      danger: true,
      onYes: () => verbs.close(offer),
    });
  return (
    <div class="running-item__acts">
      {isOn(offer) && (
        <IconButton
          icon="pin"
          label={isPinned ? t.unpin : t.pin}
          filled={isPinned}
          aria-pressed={isPinned}
          onClick={() => verbs.togglePin(offer)}
        />
      )}
      {mayBeFlashed(offer) && <IconButton icon="flash" label={t.flash} onClick={onFlash} />}
      {isOn(offer) && <CopyLink offer={offer} />}
      {isPromised && <Badge tone="gold">{t.promised}</Badge>}
      {offer.state !== 'ended' && !isPromised && (
        <IconButton icon="settings" label={t.change} onClick={() => setEditing(true)} />
      )}
      {offer.state === 'draft' && (
        <Button size="small" kind="primary" onClick={() => verbs.open(offer)}>
          {t.openOffer}
        </Button>
      )}
      {isOn(offer) && !isPromised && (
        <Button size="small" onClick={askClose}>
          {t.closeOffer}
        </Button>
      )}
      {offer.state === 'ended' && (
        <Button size="small" onClick={() => verbs.repeat(offer)}>
          {t.repeat}
        </Button>
      )}
      {question.dialog}
      {isEditing && <EditOffer offer={offer} onClose={() => setEditing(false)} />}
    </div>
  );
}

function OfferBadge({ offer }: { offer: Offer }) {
  const t = useMessages(studioTexts);
  const state = useSaleState(offer);
  if (offer.state === 'draft') return <Badge>{t.draft}</Badge>;
  if (state === 'announced') return <Badge tone="accent">{t.announced}</Badge>;
  if (state === 'ended') return <Badge>{t.endedOffer}</Badge>;
  return state === 'sold-out' ? <Badge tone="bad">{t.soldOut}</Badge> : <Badge tone="good">{t.onSale}</Badge>;
}
