import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Tick } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { sectionTexts } from '../section.messages.ts';
import { readShop, usualCurrency } from '../shop.ts';
import { mayBeDropped, usualGiveaway, type GiveawayForm, type GiveawayKind } from './giveaway-form.ts';
import { CountFields, DropFields, GoodsFields, TaskFields } from './giveaway-fields.tsx';
import { usePublish } from './use-publish.ts';

/** `hostId`: whose show it is; people of the staff publish in the currency of the host's shop, too. */
type Props = { roomId: string; hostId: string; onClose: () => void; onPublished: () => void };

/** A lucky bag, or a raffle for the right to buy. Published once and for good. */
export function NewGiveaway({ roomId, hostId, onClose, onPublished }: Props) {
  const t = useMessages(sectionTexts);
  const [kind, setKind] = useState<GiveawayKind>('lucky-bag');
  const { loaded, again } = useLoaded(async () => {
    const [shop, { offers }] = await Promise.all([readShop(hostId), ask('offer:list', { roomId })]);
    return { currency: shop?.currency ?? usualCurrency(), products: offers.filter(mayBeDropped) };
  }, [roomId]);
  const published = () => {
    onPublished();
    onClose();
  };
  const tabs = [
    { key: 'lucky-bag' as const, label: t.newGiveaway },
    { key: 'raffle-drop' as const, label: t.newDrop },
  ];
  return (
    <Sheet shape="dialog" title={kind === 'lucky-bag' ? t.newGiveaway : t.newDrop} onClose={onClose}>
      <div class="stack">
        <Tabs label={t.newGiveaway} tabs={tabs} chosen={kind} onChoose={setKind}>
          {loaded.state === 'loading' && <Skeleton height={320} />}
          {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
          {loaded.state === 'ready' && <Rules {...loaded.value} roomId={roomId} kind={kind} onPublished={published} />}
        </Tabs>
      </div>
    </Sheet>
  );
}

/** `currency`: of prizes. `products`: what may be dropped. */
type RulesProps = {
  roomId: string;
  kind: GiveawayKind;
  currency: string;
  products: readonly Offer[];
  onPublished: () => void;
};

function Rules({ roomId, kind, currency, products, onPublished }: RulesProps) {
  const t = useMessages(sectionTexts);
  const [form, setForm] = useState(usualGiveaway);
  const change = (part: Partial<GiveawayForm>) => setForm((before) => ({ ...before, ...part }));
  const product = products.find(({ offerId }) => offerId === form.offerId) ?? products[0];
  const { problem, busy, onSubmit } = usePublish({ roomId, kind, form, currency, product, onPublished });
  const fields = { form, onChange: change };
  return (
    <form class="stack" onSubmit={onSubmit}>
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
  );
}
