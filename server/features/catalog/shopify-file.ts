import { createHash, type Hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { AppError } from '../../../shared/errors.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import { createSlices } from '../../platform/slices.ts';
import type { ShopifyRow } from './shopify-columns.ts';
import { columnsOf, type FileColumn } from './shopify-names.ts';

/** The cells of a record that are not empty, and where it stands; counts like a spreadsheet, so the header is row 1. */
export type NumberedRow = { row: number; cells: ShopifyRow };

/** A product file as it was sent. */
export type ShopifyFile = {
  /** Names of its header, each once, as the older template of Shopify has them. */
  columns: ReadonlySet<string>;
  /** What those of its columns are called in the file itself that have another name there. */
  writtenAs: ReadonlyMap<string, string>;
  rows: NumberedRow[];
  /** Of its bytes, hex. */
  sha256: string;
};

/** Columns a file must have to be a product file at all, and what people call them: as in the older template of Shopify, or in the newer. */
const neededColumns = { Handle: 'Handle (or URL handle)', Title: 'Title', 'Variant Price': 'Variant Price (or Price)' };

/** Bytes that the parser takes in one go. */
const parsedBytesMax = 16 * 1024;

/** Characters of one record. */
const recordLengthMax = 512 * 1024;

/**
 * Reads a product file, with pauses for the event loop.
 *
 * @throws AppError PAYLOAD_TOO_LARGE past the limits; BAD_INPUT when it is not CSV, or lacks a needed column.
 */
export async function readShopifyFile(file: readonly Buffer[]): Promise<ShopifyFile> {
  const fingerprint = createHash('sha256');
  const rows: NumberedRow[] = [];
  let header: FileColumn[] | undefined;
  let row = 0;
  const pause = createSlices();
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: recordLengthMax });
  try {
    await pipeline(inPieces(file, fingerprint), parser, async (records: AsyncIterable<string[]>) => {
      for await (const record of records) {
        await pause();
        row += 1;
        if (!header) header = checkedHeader(record);
        else if (record.some((cell) => cell !== '')) rows.push({ row, cells: byHeader(header, record) });
        if (rows.length > catalogLimits.importRowsMax)
          throw new AppError('PAYLOAD_TOO_LARGE', `A file may have ${catalogLimits.importRowsMax} rows.`);
      }
    });
  } catch (error) {
    if (error instanceof CsvError) throw new AppError('BAD_INPUT', `Row ${row + 1} is not CSV: ${error.message}`);
    throw error;
  }
  if (!header) throw new AppError('BAD_INPUT', 'The file is empty.');
  const columns = new Set(header.map(({ name }) => name));
  const others = header.filter(({ name, written }) => name !== written);
  const writtenAs = new Map(others.map(({ name, written }) => [name, written]));
  return { columns, writtenAs, rows, sha256: fingerprint.digest('hex') };
}

/** Takes the fingerprint of the file on the way. */
function* inPieces(chunks: readonly Buffer[], fingerprint: Hash): Generator<Buffer> {
  for (const chunk of chunks) {
    fingerprint.update(chunk);
    for (let at = 0; at < chunk.length; at += parsedBytesMax) yield chunk.subarray(at, at + parsedBytesMax);
  }
}

function checkedHeader(record: readonly string[]): FileColumn[] {
  const columns = columnsOf(record.map((name) => name.trim()));
  const header = columns.map(({ name }) => name);
  const missing = missingIn(columns);
  if (missing.length > 0) throw new AppError('BAD_INPUT', missingText(record, missing));
  if (header.length > catalogLimits.importColumnsMax)
    throw new AppError('PAYLOAD_TOO_LARGE', `A file may have ${catalogLimits.importColumnsMax} columns.`);
  // Which of the two counts nobody can say. Columns without a name are left out anyway.
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) !== index);
  if (twice !== undefined)
    throw new AppError('BAD_INPUT', `The file has the column ${twice.slice(0, 60)} twice.`, { reason: 'column-twice' });
  return columns;
}

const missingIn = (columns: readonly FileColumn[]): string[] =>
  Object.entries(neededColumns).flatMap(([needed, shown]) =>
    columns.some(({ name }) => name === needed) ? [] : [shown],
  );

/** Spreadsheets of countries that write 1,5 put semicolons between the columns, and some put tabs: the names are all there, in one. */
function missingText([first = '', ...others]: readonly string[], missing: readonly string[]): string {
  const parts = first.split(/[;\t]/).map((name) => name.trim());
  const isOne = others.length === 0 && missingIn(columnsOf(parts)).length === 0;
  return isOne
    ? 'The columns of this file are not separated by commas. Save it as CSV with commas.'
    : `The file has no column ${missing.join(', ')}.`;
}

/** PostgreSQL can't keep a zero character, and nothing people write has one. Empty cells would be most of a file in memory. */
const byHeader = (header: readonly FileColumn[], record: readonly string[]): ShopifyRow =>
  Object.fromEntries(
    header
      .map(({ name, read }, index) => [name, read((record[index] ?? '').replaceAll('\0', ''))] as const)
      .filter(([, text]) => text !== ''),
  );
