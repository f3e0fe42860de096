import type { App } from '../../server/app/app.ts';
import { createAdvisoryLocks } from '../../server/platform/advisory-locks.ts';
import { eventually } from './eventually.ts';

/** Keeps a look that one gateway at a time has (an `exclusive` one of platform.every) from running, until what this gives is called. */
export async function holdLook({ platform }: App, name: string): Promise<() => Promise<void>> {
  const locks = createAdvisoryLocks(platform.db);
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  let holding: Promise<void> = Promise.resolve();
  const hold = () =>
    new Promise<boolean>((answer) => {
      holding = locks.withLock(name, async () => (answer(true), await released));
      void holding.then(() => answer(false));
    });
  await eventually(hold);
  return async () => {
    release(undefined);
    await holding;
    await locks.close();
  };
}
