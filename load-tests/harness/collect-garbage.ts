import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A full collection of this thread's heap, now: what a measurement has prepared must not be collected while it runs. */
export const collectGarbage = (): void => collect();
