import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Digest } from './entry.ts';
import { nodeHashMany } from './hash-many.node.ts';
import { entriesOfNdjson, type ProofDocument } from './proof-document.ts';
import { allOk, comparison, verdictOf, type ProofStep, type Verdict } from './proof-step.ts';
import { voidReasons, whyVoid } from './void.ts';
import type { InclusionProof } from './receipt.ts';
import { inclusionIn, verifyDrawAndReceipt, verifyReceiptBesidesList, type Held } from './verify-with-receipt.ts';

const usage = `Checks a draw from its public proof document.

  npm run verify-draw -- FILE|URL [--receipt FILE] [--account ID] [--rules-hash HEX] [--root HEX] [--inclusion FILE|URL]

--receipt     your receipt: is your entry in the list, under the rules you entered by?
--account     the id of your account, which the verify page shows: is the receipt yours, and not that of somebody else?
--rules-hash  64 digits in small letters: the hash of the rules as you saw it before entry opened, in the room log or on a receipt. Without this or a receipt
              a document only fits itself: whoever made it could have made another one.
--root        the root of the list as you saw it when entry closed, in the room log.
--inclusion   with --receipt: the answer of GET /api/giveaways/ID/inclusion/NUMBER, a file or its address. Is your entry in the list? No
              list is read for it, and the winners are not worked out.

Exit code 0: every step holds, also when nobody won by the rules. 1: at least one does not. 2: it could not be read, or is no proof document.
3: every step holds that needs no list (--inclusion).
`;

/** Bytes of a proof document at most; entry lists that are files of their own are streamed and have no such limit. */
const documentBytesMax = 64 * 1024 * 1024;
/** Silence of a server after which a download is given up, ms. However long the whole takes. */
const silentMsMax = 60_000;

const verdicts: Readonly<Record<Verdict | 'partly', string>> = {
  right: 'The draw is right.',
  void: 'Nobody won: nothing was drawn.',
  withheld: 'The winners are right by the published default: the seed was WITHHELD.',
  wrong: 'The draw is NOT right.',
  partly: 'What needs no list is right; the winners were not worked out.',
};

const listWanted = `Nothing was found out about the draw. Give the address of the document, or put its list of entries beside the file
under the name that the document says.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const asked = wishOf(args);
  if (!asked) return fails(usage);
  const wish = { ...asked, location: documentAt(asked.location) };
  const { location } = wish;
  let given: Given;
  try {
    given = await readAll(wish);
  } catch (error) {
    return fails(`${location} could not be read: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  const { document, held, inclusion } = given;
  const isWhole = inclusion === null;
  // Of a list that was not read nothing can be said: neither that the draw is right nor that it is not.
  const lost: string[] = [];
  const readEntries = (list: string) =>
    entriesOfNdjson(
      noting(readChunks(relativeTo(location, list)), (why) => lost.push(`${list} could not be read: ${why}\n`)),
    );
  const { steps, own } = isWhole
    ? await verifyDrawAndReceipt(document, held, { readEntries, hashMany: nodeHashMany })
    : await verifyReceiptBesidesList(document, held, () => Promise.resolve(inclusion));
  if (lost.length > 0) return fails(`${lost.join('')}${listWanted}`);
  const [{ check, ok, details }] = steps as [ProofStep];
  if (check === 'format' && !ok) return fails(`${location} is no proof document: ${details}\n`);
  const proof = document as ProofDocument;
  steps.push(...knownSteps(wish, proof));
  const holds = allOk(steps);
  const found = isWhole || !holds ? verdictOf(proof, holds) : 'partly';
  const why = found === 'void' ? ` ${voidReasons[whyVoid(proof)]}` : '';
  // Whoever mistyped an account must not read that the draw is wrong; whose entry was left out must not read that all is well.
  const receiptHolds = allOk(own);
  const onReceipt = receiptHolds ? '' : ' Your receipt does NOT hold: see what fails.';
  process.stdout.write(report(steps, own, verdicts[found] + why + onReceipt));
  if (wish.rulesHash === undefined && held === null) process.stdout.write(anchorWanted(proof));
  if (!holds || !receiptHolds) return 1;
  return isWhole ? 0 : 3;
}

type Given = { document: unknown; held: Held | null; inclusion: InclusionProof | null };

async function readAll({ location, receipt, accountId, inclusion }: Wish): Promise<Given> {
  const read = async (where: string): Promise<unknown> => JSON.parse(await readText(where));
  const document = await read(location);
  const held = receipt === undefined ? null : { receipt: await read(receipt), holder: { accountId } };
  if (inclusion === undefined) return { document, held, inclusion: null };
  const proof = inclusionIn(await read(inclusion));
  if (!proof) throw new Error(`${inclusion} has no inclusion proof`);
  return { document, held, inclusion: proof };
}

function fails(why: string): number {
  process.stderr.write(why);
  return 2;
}

type Wish = { location: string } & Record<
  'receipt' | 'accountId' | 'rulesHash' | 'root' | 'inclusion',
  string | undefined
>;

/** What a reader knows besides the document: by which id it was asked for, and what was published before. */
function knownSteps({ location, rulesHash, root }: Wish, proof: ProofDocument): ProofStep[] {
  const known: [check: string, what: string, wanted: string | undefined, found: string][] = [
    ['asked', 'It is the document of the draw that was asked for', idIn(location), proof.rules.giveawayId],
    ['anchor', 'The rules are those whose hash you know', rulesHash, proof.rulesHash],
    ['seen-list', 'The list is the one whose root you know', root, proof.frozen.root],
  ];
  return known.flatMap(([check, what, wanted, found]) =>
    wanted === undefined ? [] : [comparison(check, what, found, wanted)],
  );
}

/** The address of the page that checks a draw is what people see and share: its document is meant. */
function documentAt(location: string): string {
  return isUrl(location) ? location.replace(/\/verify\/([^/?#]+)\/?$/, '/api/giveaways/$1/proof') : location;
}

/** The id of the giveaway in the address of a Nightmarket; undefined in other addresses and for files. */
function idIn(location: string): string | undefined {
  return isUrl(location) ? /\/giveaways\/([^/?#]+)\/proof/.exec(location)?.[1]?.toLowerCase() : undefined;
}

/** Null when the arguments make no sense. */
function wishOf(args: string[]): Wish | null {
  const text = { type: 'string' } as const;
  const options = { receipt: text, account: text, 'rules-hash': text, root: text, inclusion: text };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [location, ...more] = positionals;
    if (!location || more.length > 0) return null;
    const { receipt, account, root, inclusion } = values;
    if (inclusion !== undefined && receipt === undefined) return null;
    // Another spelling of the same hash must not be taken for another hash.
    if ([values['rules-hash'], root].some((hash) => hash !== undefined && !Digest.safeParse(hash).success)) return null;
    return { location, receipt, accountId: account, rulesHash: values['rules-hash'], root, inclusion };
  } catch {
    return null; // An option that we don't know.
  }
}

function report(steps: ProofStep[], own: ProofStep[], verdict: string): string {
  const receipt = own.length > 0 ? `\nYour receipt:\n${lines(own)}` : '';
  return `${lines(steps)}${receipt}\n${verdict}\n`;
}

function anchorWanted({ rulesHash }: ProofDocument): string {
  return `Rules hash ${rulesHash}: compare it with the room log, or give --receipt or --rules-hash.\n`;
}

function lines(steps: readonly ProofStep[]): string {
  return steps
    .map(
      ({ ok, check, what, details }) =>
        `${ok ? 'ok  ' : 'FAIL'}  ${check.padEnd(10)}  ${what}\n                  ${details}\n`,
    )
    .join('');
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

/** The same chunks; what reading them throws is told before it is thrown. */
async function* noting(chunks: AsyncIterable<Uint8Array>, tell: (why: string) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function* readChunks(location: string): AsyncGenerator<Uint8Array> {
  if (!isUrl(location)) {
    yield* createReadStream(location) as AsyncIterable<Buffer>;
    return;
  }
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error('the server fell silent')), silentMsMax);
  try {
    const response = await fetch(location, { signal: silence.signal });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    for await (const chunk of response.body) {
      timer.refresh();
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
  }
}
