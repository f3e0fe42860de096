import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { toast } from '../../design/toast.tsx';
import { writtenIn } from '../../design/written.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { useStore } from '../../state/store.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { orderLimits } from '../../../shared/limits.ts';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';
import { countriesPattern, inLanguage, newRate, rateOf, writtenRate, type WrittenRate } from './written-rates.ts';

export function ShippingTable({ shop }: { shop: Shop }) {
  const { currency, shopId } = shop;
  const { loaded, again } = useLoaded(async () => {
    const { rates } = await ask('shop:shipping', { shopId });
    return rates.map((rate) => writtenRate(rate, currency, language.get()));
  }, [shopId]);
  if (loaded.state === 'loading') return <Skeleton height={120} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  return <Rates shop={shop} saved={loaded.value} />;
}

function Rates({ shop: { currency, shopId }, saved }: { shop: Shop; saved: readonly WrittenRate[] }) {
  const t = useMessages(sectionTexts);
  const lang = useStore(language);
  const [typed, setRows] = useState(saved);
  const { place, focusPlace } = useFocusPlace<HTMLFormElement>();
  const rows = typed.map((row) => inLanguage(row, lang));
  const { problem, busy, onSubmit } = useSubmit(async () => {
    const { rates } = await ask('shop:set-shipping', {
      shopId,
      rates: rows.map((row) => rateOf(row, currency)),
    });
    setRows(rates.map((rate) => writtenRate(rate, currency, lang)));
    toast(t.saved, 'good');
    return undefined;
  });
  return (
    <form class="panel" onSubmit={onSubmit} ref={place} tabIndex={-1}>
      <h2>{t.shipping}</h2>
      <p class="quiet small">{t.shippingHint}</p>
      {rows.map((row, index) => (
        <RateRow
          key={index}
          row={row}
          currency={currency}
          onChange={(change) => setRows(rows.map((each, at) => (at === index ? { ...each, ...change } : each)))}
          onRemove={() => {
            focusPlace();
            setRows(rows.filter((_, at) => at !== index));
          }}
        />
      ))}
      <Problem text={problem} />
      <div class="row">
        {rows.length < orderLimits.shippingRatesMax && (
          <Button icon="plus" onClick={() => setRows([...rows, newRate(lang)])}>
            {t.addRow}
          </Button>
        )}
        <Button type="submit" kind="primary" busy={busy}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}

type RowProps = {
  row: WrittenRate;
  currency: string;
  onChange: (change: Partial<WrittenRate>) => void;
  onRemove: () => void;
};

function RateRow({ row, currency, onChange, onRemove }: RowProps) {
  const t = useMessages(sectionTexts);
  const studio = useMessages(studioTexts);
  const written = writtenIn(row, onChange);
  return (
    <div class="shipping-row">
      <TextField label={t.rateName} required maxLength={80} {...written('name')} />
      <AmountField label={t.fee} currency={currency} required {...written('fee')} />
      <AmountField label={t.freeFrom} currency={currency} {...written('freeFrom')} />
      <TextField
        label={t.countries}
        pattern={countriesPattern}
        title={t.countriesHint}
        placeholder={t.everywhere}
        {...written('countries')}
      />
      <IconButton icon="trash" label={studio.delete} onClick={onRemove} />
    </div>
  );
}
