import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { useEvery } from '../../state/use-every.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { OrderEventKind } from '../../../shared/protocol/order.ts';
import type { OutgoingDelivery, OutgoingEndpoint } from '../../../shared/protocol/outgoing.ts';
import { webhookTexts } from './webhooks.messages.ts';

/** Nobody is told of a delivery: while the sheet is open it looks. */
const lookEveryMs = 5_000;

type Props = { shopId: string; endpoint: OutgoingEndpoint; onClose: () => void };

/** The last messages to one address, and what became of them. */
export function WebhookDeliveries({ shopId, endpoint: { endpointId, url }, onClose }: Props) {
  const t = useMessages(webhookTexts);
  const target = { shopId, endpointId };
  const { loaded, again } = useLoaded(async () => (await ask('webhook:deliveries', target)).deliveries, [endpointId]);
  useEvery(lookEveryMs, () => void again());
  const resend = async (deliveryId: string) => {
    await ask('webhook:resend', { ...target, deliveryId });
    await again();
  };
  return (
    <Sheet shape="dialog" title={t.messages} onClose={onClose}>
      <div class="stack">
        <p class="quiet small user-text">{url}</p>
        {loaded.state === 'loading' && <Skeleton height={160} />}
        {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
        {loaded.state === 'ready' && loaded.value.length === 0 && (
          <Notice icon="send" title={t.noMessages} text={t.noMessagesText} />
        )}
        {loaded.state === 'ready' && (
          <ul>
            {loaded.value.map((delivery) => (
              <Delivery key={delivery.deliveryId} delivery={delivery} onResend={resend} />
            ))}
          </ul>
        )}
      </div>
    </Sheet>
  );
}

const tones = { waiting: 'accent', delivered: 'good', failed: 'bad' } as const;

type DeliveryProps = { delivery: OutgoingDelivery; onResend: (deliveryId: string) => Promise<void> };

function Delivery({ delivery, onResend }: DeliveryProps) {
  const t = useMessages(webhookTexts);
  const { deliveryId, orderId, kind, state, tries, lastAnswer, nextTryAtMs, createdAtMs } = delivery;
  const { problem, busy, submit } = useSubmit(async () => {
    await onResend(deliveryId);
    return undefined;
  });
  return (
    <li class="webhook">
      <p class="row row--wrap">
        <strong>{useKindText(kind)}</strong>
        <Badge tone={tones[state]}>{t.states[state]}</Badge>
        <span class="grow" />
        <Button size="small" busy={busy} onClick={() => void submit()}>
          {t.resend}
        </Button>
      </p>
      <p class="quiet small numbers">
        {[
          dayAndTime(createdAtMs),
          tries > 0 && t.tried(tries),
          lastAnswer && t.answered(lastAnswer),
          state === 'waiting' && tries > 0 && nextTryAtMs !== null && t.nextTry(dayAndTime(nextTryAtMs)),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <p class="quiet small numbers user-text">{orderId}</p>
      <Problem text={problem} />
    </li>
  );
}

/** Messages are named `order.` and what happened; what is not known here is shown as it is. */
function useKindText(kind: string): string {
  const { kinds } = useMessages(webhookTexts);
  const what = kind.replace(/^order\./, '');
  return what in kinds ? kinds[what as OrderEventKind] : kind;
}
