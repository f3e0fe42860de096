import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { nodeHashMany } from './hash-many.node.ts';
import { entriesOfNdjson } from './proof-document.ts';
import { allOk, type ProofStep } from './proof-step.ts';
import { verifyDraw } from './verify-draw.ts';

const usage = `Checks a draw from its public proof document.

  npm run verify-draw -- FILE|URL

Exit code 0: every step holds. 1: at least one does not. 2: it could not be read, or is no proof document.
`;

/** Bytes of a proof document at most; entry lists that are files of their own are streamed and have no such limit. */
const documentBytesMax = 64 * 1024 * 1024;
const fetchTimeoutMs = 60_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const [location, ...more] = args;
  if (!location || more.length > 0 || location.startsWith('-')) {
    process.stderr.write(usage);
    return 2;
  }
  let document: unknown;
  try {
    document = JSON.parse(await readText(location));
  } catch (error) {
    process.stderr.write(`${location} could not be read: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const readEntries = (list: string) => entriesOfNdjson(readChunks(relativeTo(location, list)));
  const steps = await verifyDraw(document, { readEntries, hashMany: nodeHashMany });
  const [{ check, ok, details }] = steps as [ProofStep];
  if (check === 'format' && !ok) {
    process.stderr.write(`${location} is no proof document: ${details}\n`);
    return 2;
  }
  process.stdout.write(report(steps));
  return allOk(steps) ? 0 : 1;
}

function report(steps: ProofStep[]): string {
  const lines = steps.map(
    ({ ok, check, what, details }) =>
      `${ok ? 'ok  ' : 'FAIL'}  ${check.padEnd(10)}  ${what}\n                  ${details}\n`,
  );
  return `${lines.join('')}\n${allOk(steps) ? 'The draw is right.' : 'The draw is NOT right.'}\n`;
}

function isUrl(location: string): boolean {
  return /^https?:\/\//.test(location);
}

/** A list lies beside its document unless it names a place of its own. A remote document never opens a local file. */
function relativeTo(document: string, list: string): string {
  if (isUrl(document)) return new URL(list, document).href;
  return isUrl(list) ? list : resolve(dirname(document), list);
}

async function readText(location: string): Promise<string> {
  if (!isUrl(location)) return readFile(location, 'utf8');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(location)) {
    bytes += chunk.length;
    if (bytes > documentBytesMax) throw new RangeError(`more than ${documentBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* readChunks(location: string): AsyncGenerator<Uint8Array> {
  if (!isUrl(location)) {
    yield* createReadStream(location) as AsyncIterable<Buffer>;
    return;
  }
  const response = await fetch(location, { signal: AbortSignal.timeout(fetchTimeoutMs) });
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  yield* response.body;
}
