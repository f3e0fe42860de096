import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Countdown, useTimeLeft } from '../design/countdown.tsx';
import { useMessages } from '../i18n/messages.ts';
import { orderTexts } from '../orders/orders.messages.ts';
import { onNotice } from '../session/connection.ts';
import { person } from '../session/session.ts';
import { tellUnpaid, unpaidShownIn } from '../shell/news.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { useLoaded } from '../state/use-loaded.ts';
import type { OrderSummary } from '../../shared/protocol/order.ts';
import { useRoom } from './room-context.ts';
import type { Panels } from './use-panels.ts';
import './unpaid-bar.css';

/** The order of this room whose time to pay ends next, whatever became of the sheet that it was made in. */
export function UnpaidBar({ panels }: { panels: Panels }) {
  const { ask, roomId, myId } = useRoom();
  const isPaying = panels.panel.kind === 'checkout';
  const { loaded, again } = useLoaded(
    async () => {
      if (person()?.kind !== 'account') return [];
      return (await ask('order:list', { state: 'held' })).orders;
    },
    [myId],
    [isPaying], // What is bought here opens that sheet, and is told by nothing else.
  );
  useEffect(() => onNotice('order:changed', () => void again()), []);
  const waiting = (loaded.state === 'ready' ? loaded.value : []).filter(
    (order) => order.roomId === roomId && !order.rehearsal && order.payByMs > serverNowMs(),
  );
  const latest = useRef(waiting);
  latest.current = waiting;
  useEffect(() => {
    unpaidShownIn.set(roomId);
    return () => {
      unpaidShownIn.set(null);
      if (person()?.personId === myId) tellUnpaid(latest.current);
    };
  }, []);
  if (isPaying) return null;
  const [next] = waiting.toSorted((a, b) => a.payByMs - b.payByMs);
  return next ? <Unpaid key={next.orderId} order={next} onPay={() => panels.openCheckout(next)} /> : null;
}

function Unpaid({ order: { payByMs }, onPay }: { order: OrderSummary; onPay: () => void }) {
  const t = useMessages(orderTexts);
  if (useTimeLeft(payByMs) === 0) return null;
  return (
    <div class="unpaid-bar" role="status">
      <span class="grow">
        {t.unpaid} <Countdown untilMs={payByMs} />
      </span>
      <Button kind="primary" size="small" onClick={onPay}>
        {t.payShort}
      </Button>
    </div>
  );
}
