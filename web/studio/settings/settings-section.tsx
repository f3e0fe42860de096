import { Skeleton } from '../../design/skeleton.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { readMyShop } from '../shop.ts';
import { studioTexts } from '../studio.messages.ts';
import { ShippingTable } from './shipping-table.tsx';
import { ShopForm } from './shop-form.tsx';
import { Webhooks } from './webhooks.tsx';

export function SettingsSection() {
  const t = useMessages(studioTexts);
  const { loaded, again, set } = useLoaded(readMyShop, []);
  return (
    <section class="stack studio__narrow">
      <h1>{t.sections.settings}</h1>
      {loaded.state === 'loading' && <Skeleton height={240} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && <ShopForm shop={loaded.value} onSaved={set} />}
      {loaded.state === 'ready' && loaded.value && <ShippingTable shop={loaded.value} />}
      {loaded.state === 'ready' && loaded.value && <Webhooks shopId={loaded.value.shopId} />}
    </section>
  );
}
