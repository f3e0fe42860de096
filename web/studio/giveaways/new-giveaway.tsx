import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Tick } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { sectionTexts } from '../section.messages.ts';
import { readMyShop } from '../shop.ts';
import { mayBeDropped, usualGiveaway, type GiveawayForm, type GiveawayKind } from './giveaway-form.ts';
import { CountFields, DropFields, GoodsFields, TaskFields } from './giveaway-fields.tsx';
import { usePublish } from './use-publish.ts';

type Props = { roomId: string; onClose: () => void; onPublished: () => void };

/** A lucky bag, or a raffle for the right to buy. Published once and for good. */
export function NewGiveaway({ roomId, onClose, onPublished }: Props) {
  const t = useMessages(sectionTexts);
  const [kind, setKind] = useState<GiveawayKind>('lucky-bag');
  const [form, setForm] = useState(usualGiveaway);
  const change = (part: Partial<GiveawayForm>) => setForm({ ...form, ...part });
  const { loaded } = useLoaded(async () => {
    const { offers } = await ask('offer:list', { roomId });
    return { shop: await readMyShop(), products: offers.filter(mayBeDropped) };
  }, [roomId]);
  const { shop, products } = loaded.state === 'ready' ? loaded.value : { shop: null, products: [] };
  const currency = shop?.currency ?? 'EUR';
  const product = products.find(({ offerId }) => offerId === form.offerId) ?? products[0];
  const { problem, busy, onSubmit } = usePublish({
    roomId,
    kind,
    form,
    currency,
    product,
    onPublished: () => {
      onPublished();
      onClose();
    },
  });
  const fields = { form, onChange: change };
  return (
    <Sheet shape="dialog" title={kind === 'lucky-bag' ? t.newGiveaway : t.newDrop} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <Tabs
          label={t.newGiveaway}
          tabs={[
            { key: 'lucky-bag', label: t.newGiveaway },
            { key: 'raffle-drop', label: t.newDrop },
          ]}
          chosen={kind}
          onChoose={setKind}
        />
        {kind === 'lucky-bag' ? (
          <GoodsFields {...fields} currency={currency} />
        ) : (
          <DropFields {...fields} products={products} product={product} currency={currency} />
        )}
        <CountFields {...fields} />
        <TaskFields {...fields} />
        <div>
          <Tick label={t.beacon} checked={form.beacon} onTick={(beacon) => change({ beacon })} />
          <p class="quiet small">{t.beaconText}</p>
        </div>
        <p class="quiet small">{t.publishText}</p>
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" icon="gift" wide busy={busy}>
          {t.publish}
        </Button>
      </form>
    </Sheet>
  );
}
