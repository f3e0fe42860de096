import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button } from '../../design/button.tsx';
import { Choice, TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { changed, localized } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useStore } from '../../state/store.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { offerLimits, type Offer } from '../../../shared/protocol/offer.ts';
import { openOffer } from '../open-offer.ts';
import { studioTexts } from '../studio.messages.ts';

/** `early`: everybody, but fans of a level first. */
const audienceKeys = ['all', 'early', 'followers', 'fans'] as const;
type AudienceKey = (typeof audienceKeys)[number];

/** A fifth off, ten units, one per person, ten seconds to the start, five minutes long: what most flash sales are. */
const defaults = { share: 0.8, units: '10', limit: '1', countdown: '10', minutes: '5', earlySeconds: '30' };

/** A flash sale of something in the running order. It takes units of its own; the item in the bag stays what it is. */
export function FlashSaleForm({ of, roomId, onClose }: { of: Offer; roomId: string; onClose: () => void }) {
  const t = useMessages(studioTexts);
  const { ask, offers } = useRoom();
  const title = localized(of.title, useStore(language));
  const [price, setPrice] = useState(toMajor(Math.round(of.priceMinor * defaults.share), of.currency));
  const [units, setUnits] = useState(defaults.units);
  const [limit, setLimit] = useState(defaults.limit);
  const [countdown, setCountdown] = useState(defaults.countdown);
  const [minutes, setMinutes] = useState(defaults.minutes);
  const [who, setWho] = useState<AudienceKey>('all');
  const [level, setLevel] = useState('1');
  const [earlySeconds, setEarlySeconds] = useState(defaults.earlySeconds);
  const { keyOf, done } = useRequestKey();

  const { problem, busy, onSubmit } = useSubmit(async () => {
    const terms = {
      roomId,
      skuId: of.skuId,
      kind: 'flash' as const,
      priceMinor: fromMajor(price, of.currency),
      listPriceMinor: of.listPriceMinor,
      allotmentUnits: Number(units),
      limitUnits: Number(limit),
      countdownSeconds: Number(countdown),
      durationSeconds: Math.round(Number(minutes) * 60),
      audience: audienceOf(who, Number(level), Number(earlySeconds)),
    };
    const answer = await openOffer(ask, { ...terms, requestKey: keyOf(terms) });
    if (answer.outcome === 'short') {
      done();
      return t.short(answer.freeUnits);
    }
    offers.update((all) => changed(all, answer.offer));
    const pinned = await ask('offer:pin', { roomId, offerId: answer.offer.offerId });
    offers.update((all) => changed(all, pinned));
    onClose();
    return undefined;
  });

  const number = { type: 'number' as const, required: true, min: 1, step: 1, inputMode: 'numeric' as const };
  return (
    <Sheet shape="dialog" title={t.flashTitle(title)} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <div class="two">
          <AmountField label={t.price} currency={of.currency} required value={price} onText={setPrice} />
          <TextField {...number} label={t.units} max={offerLimits.allotmentUnitsMax} value={units} onText={setUnits} />
          <TextField
            {...number}
            label={t.perPerson}
            max={offerLimits.unitsPerBuyerMax}
            value={limit}
            onText={setLimit}
          />
          <TextField
            {...number}
            label={t.countdown}
            min={0}
            max={offerLimits.countdownSecondsMax}
            value={countdown}
            onText={setCountdown}
          />
          <TextField
            {...number}
            label={t.duration}
            max={offerLimits.durationSecondsMax / 60}
            value={minutes}
            onText={setMinutes}
          />
          <Choice
            label={t.audience}
            value={who}
            choices={audienceKeys.map((one) => ({ key: one, label: t.audiences[one] }))}
            onChoose={setWho}
          />
          {(who === 'fans' || who === 'early') && (
            <TextField {...number} label={t.levelMin} max={offerLimits.fanLevelMax} value={level} onText={setLevel} />
          )}
          {who === 'early' && (
            <TextField
              {...number}
              label={t.earlySeconds}
              min={offerLimits.earlySecondsMin}
              max={offerLimits.earlySecondsMax}
              value={earlySeconds}
              onText={setEarlySeconds}
            />
          )}
        </div>
        <p class="quiet small">{t.flashText}</p>
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" icon="flash" wide busy={busy}>
          {t.startSale}
        </Button>
      </form>
    </Sheet>
  );
}

function audienceOf(who: AudienceKey, levelMin: number, seconds: number): Offer['audience'] {
  if (who === 'early') return { who: 'all', early: { levelMin, seconds } };
  return who === 'fans' ? { who, levelMin } : { who };
}
