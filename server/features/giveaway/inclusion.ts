import { AppError } from '../../../shared/errors.ts';
import { hexOf, type Bytes } from '../../../shared/raffle/bytes.ts';
import { leafHashes } from '../../../shared/raffle/packed-entry.ts';
import { nodeHashMany } from '../../../shared/raffle/hash-many.node.ts';
import { merkleLevels, merklePath, pathIn } from '../../../shared/raffle/merkle.ts';
import { setNewest } from '../../../shared/newest.ts';
import { blockRootsOfPages } from './draw.ts';
import type { DrawThreads } from './draw-threads.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import { blockEntries } from './list-sizes.ts';

type Needs = { entries: Pick<EntryStore, 'pages' | 'slice'>; threads: DrawThreads };
type FrozenGiveaway = Pick<GiveawayRow, 'giveawayId' | 'frozen'>;

/** Trees that wait to be built. */
const buildsWaitingMax = 32;
/** Trees kept; the one not asked for the longest goes. A million entries keep 250 kB, the largest list a megabyte. */
const treesMax = 32;

/**
 * Paths from entries of frozen lists to their roots.
 *
 * Anybody may ask, so an answer must be cheap: a list is read and hashed once, and of its tree only what stands above blocks of
 * entries is kept. A path then costs one block, whatever the length of the list.
 */
export function createInclusions({ entries, threads }: Needs) {
  const trees = new Map<string, Promise<Bytes[]>>();
  /** One list is read at a time, whoever asks for how many: draws need the same threads. */
  let [latestBuild, buildsWaiting] = [Promise.resolve(), 0];

  return async function pathOf(giveaway: FrozenGiveaway, entryNumber: number): Promise<string[]> {
    const above = await treeOf(giveaway);
    const block = Math.floor(entryNumber / blockEntries);
    const firstNumber = block * blockEntries;
    const packed = await entries.slice(giveaway.giveawayId, firstNumber, blockEntries);
    const leaves = await leafHashes(packed, nodeHashMany, (index) => firstNumber + index);
    return [...(await merklePath(leaves, entryNumber - firstNumber, nodeHashMany)), ...pathIn(above, block)];
  };

  function treeOf(giveaway: FrozenGiveaway): Promise<Bytes[]> {
    const { giveawayId } = giveaway;
    const tree = trees.get(giveawayId) ?? inTurn(() => build(giveaway));
    setNewest(trees, giveawayId, tree, treesMax);
    tree.catch(() => trees.delete(giveawayId));
    return tree;
  }

  /** @throws AppError RETRY when too many wait. */
  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (buildsWaiting >= buildsWaitingMax) throw new AppError('RETRY', undefined, { retryAfterMs: 5_000 });
    buildsWaiting += 1;
    const built = latestBuild.then(run).finally(() => (buildsWaiting -= 1));
    latestBuild = built.then(
      () => undefined,
      () => undefined,
    );
    return built;
  }

  async function build({ giveawayId, frozen }: FrozenGiveaway): Promise<Bytes[]> {
    const blockRoots = await blockRootsOfPages(threads, entries.pages(giveawayId));
    const levels = await merkleLevels(blockRoots, nodeHashMany);
    if (hexOf(levels.at(-1)!) !== frozen!.root)
      throw new Error(`the list of giveaway ${giveawayId} is not the one that was frozen`);
    return levels;
  }
}
