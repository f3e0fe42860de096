import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button } from '../../design/button.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { writtenIn } from '../../design/written.ts';
import { timeOfDay } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { changed, localized } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { useStore } from '../../state/store.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { onNewest } from '../on-newest.ts';
import { studioTexts } from '../studio.messages.ts';
import { AudienceFields } from './audience-fields.tsx';
import { CountdownField } from './countdown-field.tsx';
import { mayChange, overNewer, termsChanged, writtenTerms, type TermName, type WrittenTerms } from './edited-terms.ts';
import { offerTermsTexts } from './offer-terms.messages.ts';

/** What may be changed of an offer until it has ended: of a draft all its terms, of one that people see less. */
export function EditOffer({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  const t = useMessages(studioTexts);
  /** As it was when the form opened, or when its writer was told what others made of it. */
  const [before, setBefore] = useState(offer);
  /** What might be changed when the form opened is asked for: the server says why it may not be any more. */
  const [may] = useState(() => mayChange(offer));
  const { ask, offers } = useRoom();
  const words = useMessages(offerTermsTexts);
  const title = localized(offer.title, useStore(language));
  const labels: Partial<Record<TermName, string>> = {
    price: t.price,
    listPrice: words.listPrice,
    units: t.units,
    limit: t.perPerson,
    countdownSeconds: t.countdown,
    minutes: t.duration,
  };
  /** A term and what others have set, for what has a field of its own; of who may buy only that. */
  const theirs = (name: TermName, now: Offer): string =>
    labels[name] ? `${labels[name]} ${writtenTerms(now)[name]}` : t.audience;
  const [terms, setTerms] = useState(() => writtenTerms(offer));

  const { problem, busy, onSubmit } = useSubmit(() => onNewest(save));

  async function save(): Promise<string | undefined> {
    const { roomId, offerId } = offer;
    // Of a draft nobody is told what others make of it, and news may be on their way.
    const { offer: now } = await ask('offer:get', { offerId });
    const { written, contested } = overNewer(before, now, terms);
    if (contested.length > 0) {
      setBefore(now);
      setTerms(written);
      offers.update((all) => changed(all, now));
      return words.contested(contested.map((name) => theirs(name, now)));
    }
    const changes = termsChanged(now, written, may);
    if (Object.keys(changes).length > 0) {
      const edited = await ask('offer:edit', { roomId, offerId, seenEpoch: now.epoch, ...changes });
      offers.update((all) => changed(all, edited));
    }
    onClose();
    return undefined;
  }

  return (
    <Sheet shape="dialog" title={t.editOffer(title)} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <TermsFields
          offer={offer}
          may={may}
          terms={terms}
          onChange={(part) => setTerms((now) => ({ ...now, ...part }))}
        />
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.save}
        </Button>
      </form>
    </Sheet>
  );
}

type FieldsProps = {
  offer: Offer;
  may: ReturnType<typeof mayChange>;
  terms: WrittenTerms;
  onChange: (part: Partial<WrittenTerms>) => void;
};

function TermsFields({ offer, may, terms, onChange }: FieldsProps) {
  const t = useMessages(studioTexts);
  const words = useMessages(offerTermsTexts);
  const written = writtenIn(terms, onChange);
  const { allotmentUnitsMax, unitsPerBuyerMax, durationSecondsMin, durationSecondsMax } = offerLimits;
  return (
    <div class="two">
      {may.price && (
        <>
          <AmountField label={t.price} currency={offer.currency} required {...written('price')} />
          <AmountField label={words.listPrice} currency={offer.currency} required {...written('listPrice')} />
        </>
      )}
      <NumberField label={t.units} hint={t.unitsLeft(offer.unitsLeft)} max={allotmentUnitsMax} {...written('units')} />
      <NumberField label={t.perPerson} max={unitsPerBuyerMax} {...written('limit')} />
      {may.countdown && <CountdownField {...written('countdownSeconds')} />}
      {may.duration && (
        <NumberField
          label={t.duration}
          hint={offer.closesAtMs === null ? undefined : t.endsAt(timeOfDay(offer.closesAtMs))}
          min={durationSecondsMin / 60}
          max={durationSecondsMax / 60}
          step="any"
          inputMode="decimal"
          {...written('minutes')}
        />
      )}
      {may.audience && <AudienceFields wish={terms} onChange={onChange} />}
    </div>
  );
}
