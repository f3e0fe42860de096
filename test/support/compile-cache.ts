import { fileURLToPath } from 'node:url';

/** For NODE_COMPILE_CACHE of the servers that tests start, as `npm start` has one: they are there in half the time. */
export const compileCache = fileURLToPath(new URL('../../node_modules/.cache/nightmarket-compile', import.meta.url));
