import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { AppError } from '../../../shared/errors.ts';
import { catalogLimits } from '../../../shared/protocol/catalog.ts';
import type { ShopifyRow } from './shopify-columns.ts';

/** A record and where it stands; counts like a spreadsheet, so the header is row 1. */
export type NumberedRow = { row: number; cells: ShopifyRow };

/** Columns a file must have to be a product file at all. */
const neededColumns = ['Handle', 'Title', 'Variant Price'];

/** Characters of one record. */
const recordLengthMax = 512 * 1024;

/**
 * Reads a product file as it comes in; other work of the process goes on between its chunks.
 *
 * @throws AppError PAYLOAD_TOO_LARGE past the limits; BAD_INPUT when it is not CSV, or lacks a needed column.
 */
export async function readShopifyFile(file: Readable): Promise<NumberedRow[]> {
  const rows: NumberedRow[] = [];
  let header: string[] | undefined;
  let row = 0;
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: recordLengthMax });
  try {
    // Without `destroyOnReturn` a refusal would cut the connection before it is answered.
    await pipeline(
      limitBytes(file.iterator({ destroyOnReturn: false })),
      parser,
      async (records: AsyncIterable<string[]>) => {
        for await (const record of records) {
          row += 1;
          if (!header) header = checkedHeader(record);
          else if (record.some((cell) => cell !== '')) rows.push({ row, cells: byHeader(header, record) });
          if (rows.length > catalogLimits.importRowsMax)
            throw new AppError('PAYLOAD_TOO_LARGE', `A file may have ${catalogLimits.importRowsMax} rows.`);
        }
      },
    );
  } catch (error) {
    if (error instanceof CsvError) throw new AppError('BAD_INPUT', `Row ${row + 1} is not CSV: ${error.message}`);
    throw error;
  } finally {
    // What is left of a refused file: unread, it would block the connection.
    file.resume();
  }
  if (!header) throw new AppError('BAD_INPUT', 'The file is empty.');
  return rows;
}

async function* limitBytes(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > catalogLimits.importBytesMax) throw new AppError('PAYLOAD_TOO_LARGE');
    yield chunk;
  }
}

function checkedHeader(record: readonly string[]): string[] {
  const header = record.map((name) => name.trim());
  const missing = neededColumns.filter((name) => !header.includes(name));
  if (missing.length > 0) throw new AppError('BAD_INPUT', `The file has no column ${missing.join(', ')}.`);
  return header;
}

/** PostgreSQL can't keep a zero character, and nothing people write has one. */
const byHeader = (header: readonly string[], record: readonly string[]): ShopifyRow =>
  Object.fromEntries(header.map((name, index) => [name, (record[index] ?? '').replaceAll('\0', '')]));
