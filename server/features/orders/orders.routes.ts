import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { z } from 'zod';
import { parseInput } from '../../../shared/parse-input.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Orders } from './orders.ts';

/** Unix epoch, ms, as a text. */
const Instant = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a time, Unix epoch in ms')
  .transform(Number);
const Span = z.strictObject({
  fromMs: Instant.optional(),
  untilMs: Instant.optional(),
});

export function registerOrdersExport(gateway: Gateway, orders: Orders): void {
  gateway.route('GET /api/shops/:shopId/orders.csv', async (request, response) => {
    const span = parseInput(Span, request.query);
    response.attachment('orders.csv').type('text/csv; charset=utf-8').set('Cache-Control', 'no-store');
    const rows = Readable.from(orders.exportOf(request.params['shopId'] as string, span));
    // The mark at the beginning tells spreadsheets that this is UTF-8.
    await pipeline(rows, stringify({ bom: true, record_delimiter: 'windows' }), response);
  });
}
