import type { Platform } from '../../platform/platform.ts';
import type { createAuditor } from './auditor.ts';
import { someOfferIsOpen } from './offer-terms.pg.ts';
import { someHoldRanOut, someReleaseIsOwed } from './order-states.pg.ts';
import type { OrdersLedger } from './orders-ledger.ts';
import type { createSaleMetrics } from './sale-metrics.ts';
import type { createSettling } from './settling.ts';
import { someLineMoves } from './waiters.pg.ts';
import type { WaitingList } from './waiting-list.ts';

type Parts = {
  ledger: Pick<OrdersLedger, 'expireDue' | 'releaseOwed'>;
  settling: ReturnType<typeof createSettling>;
  auditor: ReturnType<typeof createAuditor>;
  waiting: WaitingList;
  figures: ReturnType<typeof createSaleMetrics>;
};

const expireEveryMs = 500;
const settleEveryMs = 1_000;
const releaseOwedEveryMs = 1_000;
const serveEveryMs = 1_000;
const auditEveryMs = 5_000;

/** What repeats behind the sale. Expiry may run everywhere at once (rows are skipped when locked), the rest in one process. */
export function startSaleWork({ every }: Platform, parts: Parts): void {
  const { ledger, settling, auditor, waiting, figures } = parts;
  every({
    name: 'expire holds',
    everyMs: expireEveryMs,
    due: someHoldRanOut,
    run: ledger.expireDue,
  });
  every({
    name: 'settle marks',
    everyMs: settleEveryMs,
    exclusive: true,
    due: someOfferIsOpen,
    run: settling.settleAll,
  });
  every({
    name: 'release what is owed',
    everyMs: releaseOwedEveryMs,
    exclusive: true,
    due: someReleaseIsOwed,
    run: ledger.releaseOwed,
  });
  every({
    name: 'serve waiting',
    everyMs: serveEveryMs,
    exclusive: true,
    due: someLineMoves,
    run: waiting.serveLines,
  });
  every({
    name: 'audit offers',
    everyMs: auditEveryMs,
    exclusive: true,
    run: () => auditor.audit().finally(figures.auditEnded),
  });
}
