import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Orders } from './orders.ts';

const Span = z.strictObject({
  fromMs: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  untilMs: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});

export function registerOrdersExport(gateway: Gateway, orders: Orders): void {
  gateway.route('GET /api/shops/:shopId/orders.csv', async (request, response) => {
    const span = Span.safeParse(request.query);
    if (!span.success) throw new AppError('BAD_INPUT', z.prettifyError(span.error));
    response.attachment('orders.csv').type('text/csv; charset=utf-8').set('Cache-Control', 'no-store');
    const rows = Readable.from(orders.exportOf(request.params['shopId'] as string, span.data));
    // The mark at the beginning tells spreadsheets that this is UTF-8.
    await pipeline(rows, stringify({ bom: true, record_delimiter: 'windows' }), response);
  });
}
