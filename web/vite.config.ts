import { defineConfig } from 'vite';

/** The pages are one application served by the gateway. `vite` alone serves them with a gateway of yours behind it. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: 'assets',
    // The policy of the gateway allows no inline script, and data: fonts or pictures would only grow the style sheet.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // Which file needs which: web/page-weight.ts adds them up.
    manifest: true,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/socket.io', '/whip', '/whep', '/docs'].map((path) => [
        path,
        { target: 'http://localhost:3000', ws: path === '/socket.io' },
      ]),
    ),
  },
});
