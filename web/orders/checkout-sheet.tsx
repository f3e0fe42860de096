import { Sheet } from '../design/sheet.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { Ask } from '../room/room-session.ts';
import { Failure } from '../shell/failure.tsx';
import { Checkout } from './checkout.tsx';
import { orderTexts } from './orders.messages.ts';
import { useOrder } from './use-order.ts';

/** Checkout over the room: the show goes on behind it. */
export function CheckoutSheet({ orderId, ask, onClose }: { orderId: string; ask: Ask; onClose: () => void }) {
  const t = useMessages(orderTexts);
  const { loaded, again, set } = useOrder(ask, orderId);
  return (
    <Sheet title={t.checkout} onClose={onClose}>
      {loaded.state === 'loading' && <Skeleton height={180} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && <Checkout order={loaded.value} ask={ask} onOrder={set} />}
    </Sheet>
  );
}
