import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];

/** A tab of a real browser that can publish and watch; `run` calls one of the verbs of page.mjs in it. */
export type Tab = { run(verb: string, ...args: unknown[]): Promise<any>; close(): Promise<void> };
export type TestBrowser = { tab(): Promise<Tab>; close(): Promise<void> };

/** Chromium with a camera that shows a moving picture, and a page that holds our client and two foreign ones. */
export async function startBrowser(): Promise<TestBrowser> {
  const [page, browser] = await Promise.all([servePage(), launch()]);
  return {
    async tab() {
      const tab = await browser.newPage();
      const errors: Error[] = [];
      tab.on('pageerror', (error) => errors.push(error));
      await tab.goto(page.url);
      await tab.waitForFunction('globalThis.verbs');
      return { run: (verb, ...args) => runIn(tab, verb, args), close: () => tab.close() };
    },
    async close() {
      await browser.close();
      page.close();
    },
  };
}

const launch = (): Promise<Browser> => chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });

const runIn = (tab: Page, verb: string, args: unknown[]): Promise<unknown> =>
  tab.evaluate(([name, values]) => (globalThis as any).verbs[name](...values), [verb, args] as const);

/** The page with its script bundled, from an address that browsers trust with a camera. */
async function servePage(): Promise<{ url: string; close(): void }> {
  const script = await bundle(fileURLToPath(new URL('./page.mjs', import.meta.url)));
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bundle(entry: string): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"test"', global: 'globalThis' },
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ['es'], fileName: 'page' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput[];
  return result[0]!.output[0].code;
}
