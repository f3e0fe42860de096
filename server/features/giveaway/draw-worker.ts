import { parentPort } from 'node:worker_threads';
import type { BeaconRound, DrandChain } from '../../../shared/raffle/beacon.ts';
import type { Bytes } from '../../../shared/raffle/bytes.ts';
import { nodeHashMany } from '../../../shared/raffle/hash-many.node.ts';
import { merkleLevels } from '../../../shared/raffle/merkle.ts';
import { idsOf, leafHashes } from '../../../shared/raffle/packed-entry.ts';
import { rankEntries, type Placed } from '../../../shared/raffle/ranking.ts';
import { blockEntries } from './list-sizes.ts';

/**
 * What a draw thread can be asked: to hash a page of the entry list, to rank a part of its ids, to check the signature of a public round.
 * Page and ids are handed over (transferred), not copied.
 */
export type DrawQuestion =
  | { ask: 'hash'; page: Bytes; firstNumber: number }
  | { ask: 'rank'; ids: Bytes; key: Bytes; root: Bytes; placeCount: number }
  | { ask: 'beacon'; chain: DrandChain; round: number; recorded: BeaconRound };

/** `blockRoots`: the level of the page's tree that stands on blocks of entries; a page that is one block has its root alone. */
export type DrawAnswer =
  { root: Bytes; blockRoots: Bytes; ids: Bytes } | { placed: Placed[] } | { isGood: boolean } | { failure: string };

const blockHeight = Math.log2(blockEntries);

// One question at a time: whoever owns the thread asks the next one after the answer.
parentPort?.on('message', (question: DrawQuestion) => {
  void answer(question)
    .catch((error: unknown): DrawAnswer => ({ failure: String(error) }))
    .then((reply) => parentPort?.postMessage(reply, 'ids' in reply ? [reply.ids.buffer] : []));
});

async function answer(question: DrawQuestion): Promise<DrawAnswer> {
  if (question.ask === 'rank') {
    const { key, root, ids, placeCount } = question;
    return { placed: await rankEntries(key, root, ids, placeCount, nodeHashMany) };
  }
  if (question.ask === 'beacon') {
    // A tenth of a second of arithmetic, and a library that most draws never need.
    const { verifyBeaconRound } = await import('../../../shared/raffle/beacon.ts');
    return { isGood: await verifyBeaconRound(question.chain, question.round, question.recorded) };
  }
  const { page, firstNumber } = question;
  const leaves = await leafHashes(page, nodeHashMany, (index) => firstNumber + index);
  const levels = await merkleLevels(leaves, nodeHashMany);
  const blockRoots = levels[Math.min(blockHeight, levels.length - 1)]!;
  return { root: levels.at(-1)!, blockRoots, ids: idsOf(page) };
}
