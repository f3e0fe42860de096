import { enableCompileCache, flushCompileCache, registerHooks } from 'node:module';
import { afterAll } from 'vitest';
import { compileCache } from './compile-cache.ts';

// What Node makes of the sources is kept for the processes after this one: other test files, and the programs that tests start.
enableCompileCache(compileCache);
process.env['NODE_COMPILE_CACHE'] = compileCache;

const isWatching = process.env['VITEST_MODE'] === 'WATCH';

registerHooks({
  resolve(specifier, context, nextResolve) {
    // Vitest tells its main process of each import, which is of use to it only where it runs the files again that import what was changed.
    if (!isWatching && specifier.startsWith('.') && context.parentURL && !context.parentURL.includes('/node_modules/'))
      return { url: new URL(specifier, context.parentURL).href, shortCircuit: true };
    const found = nextResolve(specifier, context);
    // It loads a test file by an address of its own each time. What was kept of such an address would never be read again.
    return { ...found, url: found.url.replace(/\?vitest=\d+$/, '') };
  },
});

// Vitest ends this process by a signal, at which Node keeps nothing.
afterAll(() => flushCompileCache());
