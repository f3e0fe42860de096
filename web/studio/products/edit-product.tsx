import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { amountIn, fromMajor, toMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import type { Product } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';

type Props = { product: Product; onClose: () => void; onChanged: () => void };

/** Title and prices of a product, and the way out of the catalog. Open offers and orders keep what they say. */
export function EditProduct({ product, onClose, onChanged }: Props) {
  const t = useMessages(sectionTexts);
  const { productId, currency, skus } = product;
  const [title, setTitle] = useState(product.title);
  const [prices, setPrices] = useState(() =>
    Object.fromEntries(skus.map(({ skuId, priceMinor }) => [skuId, toMajor(priceMinor, currency)])),
  );
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const question = useQuestion();

  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      onClose();
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      setBusy(false);
      onChanged(); // A part of it may be done.
    }
  };
  const save = async () => {
    if (title.en !== product.title.en || title.zh !== product.title.zh)
      await ask('product:change', { productId, title });
    for (const { skuId, priceMinor } of skus) {
      const typed = prices[skuId] ?? '';
      if (amountIn(typed, currency) !== priceMinor)
        await ask('sku:change', { skuId, priceMinor: fromMajor(typed, currency) });
    }
  };
  const archive = async () => {
    await ask('product:archive', { productId });
  };
  return (
    <Sheet shape="dialog" title={t.editProduct} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void run(save);
        }}
      >
        <TextField
          label={t.productTitle}
          maxLength={255}
          required={!title.zh}
          value={title.en}
          onText={(en) => setTitle({ ...title, en })}
        />
        <TextField
          label={t.productTitleZh}
          maxLength={255}
          value={title.zh}
          onText={(zh) => setTitle({ ...title, zh })}
        />
        {skus.map(({ skuId, optionValues }) => (
          <AmountField
            key={skuId}
            label={[t.price, ...optionValues].join(' · ')}
            currency={currency}
            required
            value={prices[skuId] ?? ''}
            onText={(text) => setPrices({ ...prices, [skuId]: text })}
          />
        ))}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="row row--apart">
          <Button
            kind="danger"
            busy={busy}
            onClick={() =>
              question.ask({
                title: t.archiveTitle,
                explanation: t.archiveText,
                yes: t.archive,
                danger: true,
                onYes: () => void run(archive),
              })
            }
          >
            {t.archive}
          </Button>
          <Button type="submit" kind="primary" busy={busy}>
            {t.save}
          </Button>
        </div>
      </form>
      {question.dialog}
    </Sheet>
  );
}
