import { useMemo, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Choice, TextArea, TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { toast } from '../../design/toast.tsx';
import { currencyChoices } from '../../i18n/currencies.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { person } from '../../session/session.ts';
import { useStore } from '../../state/store.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { usualCurrency } from '../shop.ts';

/** Opens the shop, or changes its name and terms. */
export function ShopForm({ shop, onSaved }: { shop: Shop | null; onSaved: (shop: Shop) => void }) {
  const t = useMessages(sectionTexts);
  const [name, setName] = useState(shop?.name ?? person()?.name ?? '');
  const [currency, setCurrency] = useState(shop?.currency ?? usualCurrency());
  const lang = useStore(language);
  const currencies = useMemo(currencyChoices, [lang]);
  const [en, setEn] = useState(shop?.terms.en ?? '');
  const [zh, setZh] = useState(shop?.terms.zh ?? '');
  const { problem, busy, onSubmit } = useSubmit(async () => {
    onSaved(await ask('shop:open', { name, currency, terms: { en, zh } }));
    toast(t.saved, 'good');
    return undefined;
  });
  return (
    <form class="panel" onSubmit={onSubmit}>
      {!shop && (
        <div>
          <h2>{t.openShop}</h2>
          <p class="quiet">{t.openShopText}</p>
        </div>
      )}
      <TextField label={t.shopName} required maxLength={80} value={name} onText={setName} />
      {!shop && <Choice label={t.currency} value={currency} choices={currencies} onChoose={setCurrency} />}
      {shop && (
        <>
          <TextArea label={t.terms} rows={4} maxLength={10_000} value={en} onText={setEn} />
          <TextArea label={t.termsZh} rows={4} maxLength={10_000} value={zh} onText={setZh} />
        </>
      )}
      <Problem text={problem} />
      <div class="row">
        <Button type="submit" kind="primary" busy={busy}>
          {shop ? t.save : t.openShop}
        </Button>
      </div>
    </form>
  );
}
