import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextArea, TextField } from '../../design/field.tsx';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { language } from '../../i18n/language.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import { person } from '../../session/session.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';

/** Opens the shop, or changes its name and terms. */
export function ShopForm({ shop, onSaved }: { shop: Shop | null; onSaved: (shop: Shop) => void }) {
  const t = useMessages(sectionTexts);
  const [name, setName] = useState(shop?.name ?? person()?.name ?? '');
  const [currency, setCurrency] = useState(shop?.currency ?? (language.get() === 'zh-CN' ? 'CNY' : 'EUR'));
  const [en, setEn] = useState(shop?.terms.en ?? '');
  const [zh, setZh] = useState(shop?.terms.zh ?? '');
  const save = (event: Event) => {
    event.preventDefault();
    void ask('shop:open', { name, currency: currency.toUpperCase(), terms: { en, zh } }).then(
      (saved) => {
        onSaved(saved);
        toast(t.saved, 'good');
      },
      (error: unknown) => toast(sayError(error), 'bad'),
    );
  };
  return (
    <form class="panel" onSubmit={save}>
      {!shop && (
        <div>
          <h2>{t.openShop}</h2>
          <p class="quiet">{t.openShopText}</p>
        </div>
      )}
      <TextField label={t.shopName} required maxLength={80} value={name} onText={setName} />
      {!shop && (
        <TextField label={t.currency} required minLength={3} maxLength={3} value={currency} onText={setCurrency} />
      )}
      {shop && (
        <>
          <TextArea label={t.terms} rows={4} maxLength={10_000} value={en} onText={setEn} />
          <TextArea label={t.termsZh} rows={4} maxLength={10_000} value={zh} onText={setZh} />
        </>
      )}
      <Button type="submit" kind="primary">
        {shop ? t.save : t.openShop}
      </Button>
    </form>
  );
}
