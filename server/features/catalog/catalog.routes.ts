import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { AppError } from '../../../shared/errors.ts';
import { parseInput } from '../../../shared/parse-input.ts';
import { ImportChoices } from '../../../shared/protocol/catalog.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { CatalogFiles } from './catalog-files.ts';

/** Files are no commands: they are streamed, and larger than a message may be. */
export function registerCatalogFiles(gateway: Gateway, files: CatalogFiles): void {
  gateway.route('POST /api/shops/:shopId/import', async (request, response) => {
    if (!request.is('text/csv')) throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the file as text/csv.');
    const choices = parseInput(ImportChoices, request.query);
    const report = await files.importFile(request.params['shopId'] as string, request, choices);
    response.json({ ok: true, data: report });
  });

  gateway.route('GET /api/shops/:shopId/products.csv', async (request, response) => {
    response.attachment('products.csv').type('text/csv; charset=utf-8').set('Cache-Control', 'no-store');
    const rows = Readable.from(files.exportFile(request.params['shopId'] as string));
    await pipeline(rows, stringify({ record_delimiter: 'windows' }), response);
  });
}
