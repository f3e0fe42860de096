import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Gateway } from '../../gateway/gateway.ts';
import { createTally } from '../../gateway/tally.ts';
import { AppError } from '../../../shared/errors.ts';
import { Id } from '../../../shared/ids.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { createProofs } from './proof.ts';

/** A proof is asked for by everybody at the moment of the draw. The largest is two megabytes. */
const proofFreshMs = 60_000;
const proofsMax = 8;
/** Lists that are read at the same time: each costs the event loop and the database as long as it lasts. */
const listsAtOnceMax = 8;
/** So that one reader leaves room for the others who check. */
const listsPerNetworkMax = 2;
/** A reader that takes nothing for so long is given up, ms. */
const silentMsMax = 30_000;
/** Also who takes a byte now and then is given up after so long, ms: megabytes at the speed of a poor phone. */
const listMsMax = 10 * 60_000;
const neverChanges = { 'cache-control': 'public, max-age=31536000, immutable' };

/** Public and plain, so that a verifier needs nothing but `GET`. What is published never changes. */
export function registerProofRoutes(
  gateway: Gateway,
  proofs: ReturnType<typeof createProofs>,
  nowMs: () => number,
): void {
  const documents = createShortMemory({
    read: async (giveawayId) => JSON.stringify(await proofs.document(giveawayId)),
    freshMs: proofFreshMs,
    keysMax: proofsMax,
    nowMs,
  });
  gateway.route('GET /api/giveaways/:giveawayId/proof', async (request, response) => {
    const giveawayId = idOf(request.params['giveawayId']);
    const text = await documents.of(giveawayId);
    response
      .set({ ...neverChanges, etag: `"proof-${giveawayId}"` })
      .type('json')
      .send(text);
  });
  let listsUnderWay = 0;
  const listsOf = createTally();
  gateway.route('GET /api/giveaways/:giveawayId/entries', async (request, response) => {
    const network = gateway.http.networkOf(request);
    if (listsUnderWay >= listsAtOnceMax || listsOf.of(network) >= listsPerNetworkMax)
      throw new AppError('RETRY', undefined, { retryAfterMs: 5_000 });
    listsUnderWay += 1;
    const giveBack = listsOf.take(network);
    const overdue = setTimeout(() => response.destroy(), listMsMax);
    try {
      const lines = proofs.lines(idOf(request.params['giveawayId']));
      const first = await lines.next(); // What is not there is answered with an error, not with a broken list.
      response.set(neverChanges).type('application/x-ndjson');
      response.setTimeout(silentMsMax, () => response.destroy());
      if (!first.done) response.write(first.value);
      await pipeline(Readable.from(lines), response);
    } finally {
      listsUnderWay -= 1;
      giveBack();
      clearTimeout(overdue);
    }
  });
}

function idOf(text: unknown): string {
  const id = Id.safeParse(text);
  if (!id.success) throw new AppError('NOT_FOUND');
  return id.data;
}
