import { Details } from '../../design/details.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime, whole } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { Link } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import { usePages } from '../../state/use-pages.ts';
import type { StockMovement } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';

/** Every change of the free stock of a variant, newest first; read when it is opened. */
export function StockMovements({ skuId }: { skuId: string }) {
  const t = useMessages(sectionTexts);
  return <Details summary={t.movements}>{() => <Movements skuId={skuId} />}</Details>;
}

function Movements({ skuId }: { skuId: string }) {
  const t = useMessages(sectionTexts);
  const pages = usePages(
    {
      read: async (after) => {
        const { movements, next } = await ask('stock:movements', { skuId, limit: 20, ...(after ? { after } : {}) });
        return { rows: movements, next };
      },
      idOf: ({ movementId }: StockMovement) => String(movementId),
    },
    [skuId],
  );
  const { loaded } = pages;
  if (loaded.state === 'loading') return <Skeleton height={120} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={pages.again} />;
  if (loaded.value.rows.length === 0) return <p class="quiet small">{t.noMovements}</p>;
  return (
    <>
      <ul class="movements">
        {loaded.value.rows.map((movement) => (
          <MovementRow key={movement.movementId} movement={movement} />
        ))}
      </ul>
      <MoreButton of={pages} />
    </>
  );
}

function MovementRow({ movement }: { movement: StockMovement }) {
  const { deltaUnits, freeUnits, reason, note, personName, orderId, movedAtMs } = movement;
  const t = useMessages(sectionTexts);
  const reasons: Readonly<Record<string, string>> = { ...t.reasons, ...t.ownReasons };
  return (
    <li class="row">
      <span class="grow">
        <span>{reasons[reason] ?? reason}</span>
        {note && <span class="small user-text">{note}</span>}
        <span class="quiet small user-text">
          {[dayAndTime(movedAtMs), personName].filter(Boolean).join(' · ')}
          {orderId && (
            <>
              {' · '}
              <Link to={`/studio/orders?order=${orderId}`}>{t.theOrder}</Link>
            </>
          )}
        </span>
      </span>
      <span class="numbers movements__units">
        <strong>{deltaUnits > 0 ? `+${whole(deltaUnits)}` : `−${whole(-deltaUnits)}`}</strong>
        <span class="quiet small">{t.freeAfter(whole(freeUnits))}</span>
      </span>
    </li>
  );
}
