import { parentPort } from 'node:worker_threads';
import type { Bytes } from '../../../shared/raffle/bytes.ts';
import { leafHashes } from '../../../shared/raffle/entry.ts';
import { nodeHashMany } from '../../../shared/raffle/hash-many.node.ts';
import { merkleLevels } from '../../../shared/raffle/merkle.ts';
import { rankEntries, type Placed } from '../../../shared/raffle/ranking.ts';
import { blockEntries } from './list-sizes.ts';

/** What a draw thread can be asked, about one page of the entry list. The page is handed over (transferred), not copied. */
export type DrawQuestion =
  | { ask: 'root'; page: Bytes; firstNumber: number }
  | { ask: 'rank'; page: Bytes; key: Bytes; root: Bytes; placeCount: number };

/** `blockRoots`: the level of the page's tree that stands on blocks of entries; a page that is one block has its root alone. */
export type DrawAnswer = { root: Bytes; blockRoots: Bytes } | { placed: Placed[] } | { failure: string };

const blockHeight = Math.log2(blockEntries);

// One question at a time: whoever owns the thread asks the next one after the answer.
parentPort?.on('message', (question: DrawQuestion) => {
  void answer(question)
    .catch((error: unknown): DrawAnswer => ({ failure: String(error) }))
    .then((reply) => parentPort?.postMessage(reply));
});

async function answer(question: DrawQuestion): Promise<DrawAnswer> {
  if (question.ask === 'root') {
    const leaves = await leafHashes(question.page, nodeHashMany, question.firstNumber);
    const levels = await merkleLevels(leaves, nodeHashMany);
    return { root: levels.at(-1)!, blockRoots: levels[Math.min(blockHeight, levels.length - 1)]! };
  }
  const { key, root, page, placeCount } = question;
  return { placed: await rankEntries(key, root, page, placeCount, nodeHashMany) };
}
