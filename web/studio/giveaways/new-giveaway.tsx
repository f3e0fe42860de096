import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button } from '../../design/button.tsx';
import { Choice, TextField, Tick } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { ask } from '../../session/connection.ts';
import { mayBeDone } from '../../session/may-be-done.ts';
import { sayError } from '../../session/say-error.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { Task } from '../../../shared/raffle/rules.ts';
import { openOffer } from '../open-offer.ts';
import { sectionTexts } from '../section.messages.ts';
import { readMyShop } from '../shop.ts';
import { studioTexts } from '../studio.messages.ts';

type Kind = 'lucky-bag' | 'raffle-drop';
type Props = { roomId: string; onClose: () => void; onPublished: () => void };

/** Five minutes, one prize, be there at the draw: the lucky bag that most shows have. */
const defaults = {
  title: '',
  what: '',
  value: '20',
  count: '1',
  minutes: '5',
  follow: true,
  fans: false,
  comment: '',
  watch: '',
  present: true,
  offerId: '',
  price: '',
  rightMinutes: '10',
  beacon: false,
};

export function NewGiveaway({ roomId, onClose, onPublished }: Props) {
  const t = useMessages(sectionTexts);
  const studio = useMessages(studioTexts);
  const [kind, setKind] = useState<Kind>('lucky-bag');
  const [form, setForm] = useState(defaults);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const request = useRequestKey();
  const unitsRequest = useRequestKey();
  const set = (change: Partial<typeof defaults>) => setForm({ ...form, ...change });
  const text = (name: keyof typeof defaults) => ({
    value: String(form[name]),
    onText: (typed: string) => set({ [name]: typed }),
  });
  const { loaded } = useLoaded(async () => {
    const { offers } = await ask('offer:list', { roomId });
    return { shop: await readMyShop(), offers: offers.filter(isForAll) };
  }, [roomId]);
  const known = loaded.state === 'ready' ? loaded.value : { shop: null, offers: [] };
  const currency = known.shop?.currency ?? 'EUR';
  const product = known.offers.find(({ offerId }) => offerId === form.offerId) ?? known.offers[0];
  const title = product ? localized(product.title, language.get()) : '';
  const price = form.price || (product ? toMajor(product.priceMinor, product.currency) : '');

  const publish = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const prize = kind === 'lucky-bag' ? goodsOf(form, currency) : await rightOf(product);
      if (!prize) return;
      const { key, atMs } = request.wishOf({ kind, form, prize });
      await ask('giveaway:publish', {
        roomId,
        kind,
        title: form.title || prize.what,
        prize,
        prizeCount: Number(form.count),
        tasks: tasksOf(form),
        closesAtMs: Math.round(atMs + Number(form.minutes) * 60_000),
        beacon: form.beacon ? 'quicknet' : null,
        requestKey: key,
      });
      onPublished();
      onClose();
    } catch (error) {
      // What was refused was not published: the next try closes that much later.
      if (!mayBeDone(error)) request.done();
      setProblem(sayError(error));
    } finally {
      setBusy(false);
    }
  };
  /** Units of their own for the winners, at the price they pay: an offer that nobody else can buy. */
  const rightOf = async (of: Offer | undefined) => {
    if (!of) throw new AppError('CONFLICT', t.dropNeedsProduct);
    const terms = forWinners(of, fromMajor(price, of.currency), Number(form.count));
    const answer = await openOffer(ask, { ...terms, requestKey: unitsRequest.keyOf(terms) });
    if (answer.outcome === 'opened') {
      const minutes = Number(form.rightMinutes);
      const { offerId, priceMinor, currency } = answer.offer;
      return { prize: 'right-to-buy' as const, offerId, what: title, units: 1, priceMinor, currency, minutes };
    }
    unitsRequest.done();
    setProblem(studio.short(answer.freeUnits));
    return null;
  };

  const number = { type: 'number' as const, min: 1, required: true };
  return (
    <Sheet shape="dialog" title={kind === 'lucky-bag' ? t.newGiveaway : t.newDrop} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void publish(event)}>
        <Tabs
          label={t.newGiveaway}
          tabs={[
            { key: 'lucky-bag', label: t.newGiveaway },
            { key: 'raffle-drop', label: t.newDrop },
          ]}
          chosen={kind}
          onChoose={setKind}
        />
        {kind === 'lucky-bag' && <TextField label={t.prizeWhat} required maxLength={200} {...text('what')} />}
        {kind === 'raffle-drop' && (
          <Choice
            label={t.offerForRight}
            hint={t.offerForRightHint}
            value={product?.offerId ?? ''}
            choices={known.offers.map((offer) => ({
              key: offer.offerId,
              label: `${offer.itemNumber}. ${localized(offer.title, language.get())}`,
            }))}
            onChoose={(next) => set({ offerId: next, price: '' })}
          />
        )}
        <div class="two">
          {kind === 'lucky-bag' ? (
            <AmountField label={t.prizeValue} currency={currency} required {...text('value')} />
          ) : (
            <>
              <AmountField
                label={t.dropPrice}
                currency={product?.currency ?? currency}
                required
                value={price}
                onText={(typed) => set({ price: typed })}
              />
              <TextField label={t.rightMinutes} {...number} {...text('rightMinutes')} />
            </>
          )}
          <TextField label={t.prizeCount} {...number} max={10_000} {...text('count')} />
          <TextField label={t.minutes} type="number" required min={0.1} step="any" {...text('minutes')} />
        </div>
        <fieldset class="stack">
          <legend class="field__label">{t.tasks}</legend>
          <Tick label={t.taskFollow} checked={form.follow} onTick={(follow) => set({ follow })} />
          <Tick label={t.taskFans} checked={form.fans} onTick={(fans) => set({ fans })} />
          <Tick label={t.taskPresent} checked={form.present} onTick={(present) => set({ present })} />
          <div class="two">
            <TextField label={t.taskComment} maxLength={100} {...text('comment')} />
            <TextField label={t.taskWatch} type="number" min={1} max={720} {...text('watch')} />
          </div>
        </fieldset>
        <div>
          <Tick label={t.beacon} checked={form.beacon} onTick={(beacon) => set({ beacon })} />
          <p class="quiet small">{t.beaconText}</p>
        </div>
        <p class="quiet small">{t.publishText}</p>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" size="big" icon="gift" wide busy={busy}>
          {t.publish}
        </Button>
      </form>
    </Sheet>
  );
}

const isForAll = ({ kind, audience, state }: Offer): boolean =>
  kind === 'cart' && audience.who !== 'right' && state !== 'ended';

const goodsOf = ({ what, value }: typeof defaults, currency: string) => ({
  prize: 'goods' as const,
  what,
  valueMinor: fromMajor(value, currency),
  currency,
});

const forWinners = ({ roomId, skuId, listPriceMinor }: Offer, priceMinor: number, units: number) => ({
  roomId,
  skuId,
  kind: 'cart' as const,
  priceMinor,
  listPriceMinor,
  allotmentUnits: units,
  limitUnits: 1,
  audience: { who: 'right' as const },
});

function tasksOf({ follow, fans, comment, watch, present }: typeof defaults): Task[] {
  return [
    ...(follow ? [{ task: 'follow' as const }] : []),
    ...(fans ? [{ task: 'fan-club' as const, levelMin: 1 }] : []),
    ...(comment ? [{ task: 'comment' as const, keyword: comment }] : []),
    ...(watch ? [{ task: 'watch' as const, minutes: Number(watch) }] : []),
    ...(present ? [{ task: 'present-at-draw' as const }] : []),
  ];
}
