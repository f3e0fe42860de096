import type { z } from 'zod';
import type { Request } from '../../shared/client/requests.ts';
import type { Commands } from '../../shared/protocol/index.ts';
import type { Offer } from '../../shared/protocol/offer.ts';

type Wish = z.input<Commands['offer:create']['input']>;
type Answer = { outcome: 'opened'; offer: Offer } | { outcome: 'short'; freeUnits: number };

/**
 * Puts units of a SKU on sale in one step, now or at an instant of the server's clock, Unix ms. Sent again with the same key, it finishes what was begun. `short`: the stock has only
 * `freeUnits`; nothing is left of the try, so what the host asks for next needs a key of its own.
 */
export async function openOffer(ask: Request, wish: Wish, opensAtMs?: number): Promise<Answer> {
  const { roomId, offerId } = await ask('offer:create', wish);
  const { outcome, offer, freeUnits } = await ask('offer:open', { roomId, offerId, opensAtMs });
  if (outcome === 'opened') return { outcome, offer };
  // A draft that stays after all does no harm: the host sees it in the running order and may end it there.
  await ask('offer:close', { roomId, offerId }).catch(() => undefined);
  return { outcome, freeUnits };
}
