import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { App } from '../../../server/app/app.ts';
import type { Session } from '../../../shared/protocol/session.ts';
import { builtPages } from './built-pages.ts';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream=device-count=2,fps=10', // Three encodings of 30 frames a second would leave two cores nothing for the story.
  '--use-fake-ui-for-media-stream',
];

export const phone = { width: 390, height: 844 };
export const desk = { width: 1440, height: 900 };

export type PersonOptions = {
  locale?: 'en' | 'zh-CN';
  viewport?: { width: number; height: number };
  /** Somebody who signed in before. Without one the browser knows nobody. */
  session?: Session;
  colorScheme?: 'light' | 'dark';
  /** As somebody who asked their system for less of it has it. */
  lessMotion?: boolean;
  /** Runs on each page before its own code: for what is to be different about this browser. */
  script?: string;
};

/** One person's browser on one page, and what went wrong on it. */
export type Visitor = { page: Page; problems: string[] };

export type Browsers = {
  visit(path: string, options?: PersonOptions): Promise<Visitor>;
  /** By another address of the same server. */
  by(other: Pick<App, 'url'>): Pick<Browsers, 'visit'>;
  close(): Promise<void>;
};

/** Real browsers on the built pages of a running server, with a camera that shows a moving picture. */
export async function openBrowsers(app: Pick<App, 'url'>): Promise<Browsers> {
  await builtPages();
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  const at = ({ url }: Pick<App, 'url'>): Pick<Browsers, 'visit'> => ({
    visit: (path, options) => visit(browser, url + path, options),
  });
  return { ...at(app), by: at, close: () => browser.close() };
}

async function visit(
  browser: Browser,
  address: string,
  { locale = 'en', viewport = desk, session, colorScheme = 'light', lessMotion, script }: PersonOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    locale,
    viewport,
    colorScheme,
    reducedMotion: lessMotion ? 'reduce' : 'no-preference',
    permissions: ['camera', 'microphone'],
  });
  if (session) await signInto(context, session);
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // A script that the policy of the gateway stops says so here.
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  await page.goto(address);
  return { page, problems };
}

/** The browser knows the person as if they had signed in here before. */
const signInto = (context: BrowserContext, session: Session): Promise<unknown> =>
  context.addInitScript(
    ([key, value]) => {
      const { localStorage } = globalThis as unknown as { localStorage: Map<string, string> & Storage };
      if (!localStorage.getItem(key)) localStorage.setItem(key, value);
    },
    ['nm:session', JSON.stringify(session)] as const,
  );

type Storage = { getItem(key: string): string | null; setItem(key: string, value: string): void };
