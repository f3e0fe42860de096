import { entriesOfNdjson, type ProofDocument } from '../../shared/raffle/proof-document.ts';
import type { Entry } from '../../shared/raffle/entry.ts';
import type { ProofStep } from '../../shared/raffle/proof-step.ts';
import { verifyReceipt } from '../../shared/raffle/receipt.ts';

/** There is no proof document yet. */
export class NotDrawn extends Error {}

type Proof = { document: ProofDocument; readEntries: (location: string) => AsyncIterable<Entry> };

/** The public document of a draw: pasted as JSON, or fetched by the id of the giveaway. @throws NotDrawn, SyntaxError. */
export async function readProof(source: string): Promise<Proof> {
  const isPasted = source.trimStart().startsWith('{');
  const address = `/api/giveaways/${encodeURIComponent(source)}/proof`;
  const document = isPasted ? (JSON.parse(source) as unknown) : await fetchProof(address);
  const base = new URL(isPasted ? '/' : address, location.origin);
  return { document: document as ProofDocument, readEntries: (where) => entriesAt(new URL(where, base)) };
}

async function fetchProof(address: string): Promise<unknown> {
  const response = await fetch(address);
  if (!response.ok) throw new NotDrawn();
  return response.json();
}

async function* entriesAt(url: URL): AsyncGenerator<Entry> {
  const { body } = await fetch(url);
  if (!body) throw new TypeError('the list is empty');
  yield* entriesOfNdjson(chunksOf(body));
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

/** The receipt against the same document. A list that the document carries itself proves the place, too. */
export function checkReceipt(text: string, { rules }: ProofDocument): Promise<ProofStep[]> {
  return verifyReceipt(JSON.parse(text) as unknown, { rules });
}
