import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Gateway } from '../../gateway/gateway.ts';
import { AppError } from '../../../shared/errors.ts';
import { Id } from '../../../shared/ids.ts';
import type { createProofs } from './proof.ts';

/** Public and plain, so that a verifier needs nothing but `GET`. What is published never changes. */
export function registerProofRoutes(gateway: Gateway, proofs: ReturnType<typeof createProofs>): void {
  gateway.route('GET /api/giveaways/:giveawayId/proof', async (request, response) => {
    response.json(await proofs.document(idOf(request.params['giveawayId'])));
  });
  gateway.route('GET /api/giveaways/:giveawayId/entries', async (request, response) => {
    const lines = proofs.lines(idOf(request.params['giveawayId']));
    const first = await lines.next(); // What is not there is answered with an error, not with a broken list.
    response.type('application/x-ndjson');
    if (!first.done) response.write(first.value);
    await pipeline(Readable.from(lines), response);
  });
}

function idOf(text: unknown): string {
  const id = Id.safeParse(text);
  if (!id.success) throw new AppError('NOT_FOUND');
  return id.data;
}
