import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { toast } from '../../design/toast.tsx';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';

type Row = { name: string; fee: string; freeFrom: string; countries: string };

export function ShippingTable({ shop }: { shop: Shop }) {
  const { currency, shopId } = shop;
  const { loaded, again } = useLoaded(async () => {
    const { rates } = await ask('shop:shipping', { shopId });
    return rates.map(({ name, feeMinor, freeFromMinor, countries }) => ({
      name: name.en || name.zh,
      fee: toMajor(feeMinor, currency),
      freeFrom: freeFromMinor === null ? '' : toMajor(freeFromMinor, currency),
      countries: countries.join(', '),
    }));
  }, [shopId]);
  if (loaded.state === 'loading') return <Skeleton height={120} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  return <Rates shop={shop} saved={loaded.value} />;
}

function Rates({ shop: { currency, shopId }, saved }: { shop: Shop; saved: readonly Row[] }) {
  const t = useMessages(sectionTexts);
  const studio = useMessages(studioTexts);
  const [rows, setRows] = useState<readonly Row[]>(saved);
  const set = (index: number, change: Partial<Row>) =>
    setRows(rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  const save = (event: Event) => {
    event.preventDefault();
    const rates = rows.map(({ name, fee, freeFrom, countries }) => ({
      name: { en: name, zh: name },
      feeMinor: fromMajor(fee, currency),
      freeFromMinor: freeFrom ? fromMajor(freeFrom, currency) : null,
      countries: countries.toUpperCase().match(/[A-Z]{2}/g) ?? [],
    }));
    void ask('shop:set-shipping', { shopId, rates }).then(
      () => toast(t.saved, 'good'),
      (error: unknown) => toast(sayError(error), 'bad'),
    );
  };
  return (
    <form class="panel" onSubmit={save}>
      <h2>{t.shipping}</h2>
      <p class="quiet small">{t.shippingHint}</p>
      {rows.map((row, index) => (
        <div key={index} class="shipping-row">
          <TextField
            label={t.rateName}
            required
            maxLength={80}
            value={row.name}
            onText={(name) => set(index, { name })}
          />
          <AmountField
            label={t.fee}
            currency={currency}
            required
            value={row.fee}
            onText={(fee) => set(index, { fee })}
          />
          <AmountField
            label={t.freeFrom}
            currency={currency}
            value={row.freeFrom}
            onText={(freeFrom) => set(index, { freeFrom })}
          />
          <TextField label={t.countries} value={row.countries} onText={(countries) => set(index, { countries })} />
          <IconButton
            icon="trash"
            label={studio.delete}
            onClick={() => setRows(rows.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div class="row">
        <Button icon="plus" onClick={() => setRows([...rows, { name: '', fee: '0', freeFrom: '', countries: '' }])}>
          {t.addRow}
        </Button>
        <Button type="submit" kind="primary">
          {t.save}
        </Button>
      </div>
    </form>
  );
}
