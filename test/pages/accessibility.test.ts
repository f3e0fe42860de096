import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { data } from '../payments/till.ts';
import { account, freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { desk, openBrowsers, phone, type Browsers, type Visitor } from './support/pages.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Finding = { id: string; impact: string; nodes: { html: string }[] };

/** What axe finds that is serious or worse, each with the first place it was found at. */
async function findings(page: Page, where = 'document'): Promise<string[]> {
  // Evaluated by the tool, not loaded by the page: the page's own policy would not let it in.
  if (!(await page.evaluate<boolean>(`'axe' in globalThis`))) await page.evaluate(axe);
  const violations = await page.evaluate<Finding[]>(
    `axe.run(${where}, { resultTypes: ['violations'], preload: false }).then((found) => found.violations)`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

const isDialogAtRest = `document.querySelector('dialog[open]').getAnimations().length === 0`;

const isDialogTooWide = `(() => {
  const body = document.querySelector('dialog[open] .sheet__body');
  return body.scrollWidth > body.clientWidth;
})()`;

/** Every field there is in the elements of a selector, whatever it is called: what is typed is shown at once in hints, titles and previews. */
const fillAllFields = (page: Page, where: string): Promise<unknown> =>
  page.evaluate(`(async () => {
    const kinds = ['text', 'search', 'email', 'url'].map((kind) => 'input[type=' + kind + ']');
    const fields = \`:is(\${kinds.join()}, input:not([type]), textarea):enabled\`;
    for (const field of document.querySelectorAll('${where} ' + fields)) {
      if (!field.checkVisibility({ visibilityProperty: true })) continue;
      field.focus();
      field.select();
      // As the keyboard does it: what listens hears of it, and what a field does not take is left out.
      document.execCommand('insertText', false, ${JSON.stringify(hostileName)});
      field.blur();
      await new Promise(requestAnimationFrame);
    }
  })()`);

const byAddress = (page: Page, address: string): Promise<unknown> => page.goto(address);

/** As a link of the application does it: the page changes, and what it has loaded stays. Nothing of the page before is left then. */
async function byLink(page: Page, address: string): Promise<void> {
  await page.evaluate(`(() => {
    for (const part of document.querySelector('main').children) part.dataset.before = '';
    history.pushState(null, '', ${JSON.stringify(address)});
    dispatchEvent(new PopStateEvent('popstate'));
  })()`);
  await page.locator('[data-before]').first().waitFor({ state: 'detached' });
}

const hostileName = '<script>alert(1)</script> שלום 👨‍👩‍👧';

describe('every page, by keyboard, screen reader and on a phone', { timeout: 60_000 }, () => {
  let app: App;
  let browsers: Browsers;
  let host: Session;
  let viewer: Session;
  let roomId: string;
  let offerId: string;
  let orderId: string;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    browsers = await openBrowsers(app);
    host = await account(app, hostileName);
    viewer = await account(app, 'Vic');
    ({ roomId, offerId, orderId } = await showOf(host));
  }, 120_000);
  afterAll(async () => {
    await browsers.close();
    await app.close();
  });

  /** A live show with a product and an order of it, all of whose texts try to be more than text. */
  async function showOf({
    accessToken: token,
    person,
  }: Session): Promise<{ roomId: string; offerId: string; orderId: string }> {
    const put = (path: string, body: object) => data(app, 'PUT', path, token, body);
    const post = (path: string, body: object) => data(app, 'POST', path, token, body);
    const { roomId: id } = await post('/api/rooms', { title: `Show ${hostileName}`, requestKey: 'show-000001' });
    await post(`/api/rooms/${id}/start`, {});
    const terms = { en: hostileName, zh: hostileName };
    await put('/api/shop', { name: hostileName, currency: 'EUR', terms });
    const shop = `/api/shops/${person.personId}`;
    await put(`${shop}/shipping`, { rates: [{ name: terms, feeMinor: 100, countries: [] }] });
    await post(`${shop}/webhooks`, {
      url: `https://shop.example/${encodeURIComponent(hostileName)}`,
      requestKey: 'hook-000001',
    });
    const { skus } = await post(`${shop}/products`, {
      title: terms,
      description: terms,
      images: [
        { url: '/icon.svg', alt: hostileName },
        { url: '/icon.svg?back', alt: '' },
      ],
      optionNames: [hostileName],
      requestKey: 'product-0001',
      skus: [{ optionValues: [hostileName], code: hostileName, priceMinor: 1_000, compareAtMinor: 1_500, units: 9 }],
    });
    const cart = { kind: 'cart', priceMinor: 1_000, allotmentUnits: 5, limitUnits: 3, requestKey: 'offer-000001' };
    const { offerId } = await post(`/api/rooms/${id}/offers`, { skuId: skus[0].skuId, ...cart });
    await post(`/api/rooms/${id}/offers/${offerId}/open`, {});
    await post(`/api/rooms/${id}/offers/${offerId}/pin`, {});
    await put(`/api/rooms/${id}/cart/${offerId}`, { units: 2 });
    const { message } = await post(`/api/rooms/${id}/chat`, { text: hostileName, requestKey: 'chat-000001' });
    await put(`/api/rooms/${id}/pinned-message`, { messageId: message.messageId });
    await put(`/api/rooms/${id}/announcement`, { text: hostileName });
    await post(`/api/rooms/${id}/banned-words`, { words: [`<b>${hostileName}`] });
    const words = { greeting: hostileName, announcement: hostileName };
    await put(`/api/fan-clubs/${person.personId}`, { joinRule: 'open', ...words });
    const prize = { prize: 'goods', what: hostileName, valueMinor: 100, currency: 'EUR' };
    const bag = { kind: 'lucky-bag', title: hostileName, prize, prizeCount: 1, requestKey: 'giveaway-0001' };
    const closesAtMs = Date.now() + 3_600_000;
    await post(`/api/rooms/${id}/giveaways`, { ...bag, closesAtMs, regionNote: hostileName });
    const purchase = { lines: [{ offerId, units: 1 }], requestKey: 'purchase-0001' };
    const bought = await data(app, 'POST', `/api/rooms/${id}/purchases`, viewer.accessToken, purchase);
    return { roomId: id, offerId, orderId: bought.order.orderId };
  }

  /** `presses`: one after the other, until the dialog is open. `part`: what it has in it that the one before has not. */
  type Dialog = { name: string; presses: RegExp[]; part?: string };
  type Stop = {
    page: string;
    path: () => string;
    who: 'host' | 'viewer' | 'nobody';
    expected: RegExp;
    dialogs?: Dialog[];
  };

  const inRoom = () => `/room/${roomId}`;
  const tour: Stop[] = [
    {
      page: 'home',
      path: () => '/',
      who: 'viewer',
      expected: /Live now|正在直播/,
      dialogs: [{ name: 'notices', presses: [/^(Notices|消息)/] }],
    },
    // The viewer at checkout, on a page beside it, holds one more.
    { page: 'an offer', path: () => `/offer/${offerId}`, who: 'nobody', expected: /[2-4] left|剩 [2-4] 件/ },
    {
      page: 'the live room',
      path: inRoom,
      who: 'viewer',
      expected: /alert/,
      dialogs: [
        { name: 'a product', presses: [/^(Details|查看详情)/] },
        { name: 'checkout', presses: [/^(Details|查看详情)/, /^(Buy now|立即购买)/], part: '.checkout' },
        { name: 'a lucky bag', presses: [/^(Lucky bag|福袋): /] },
        { name: 'the fan club', presses: [/More|更多/] },
      ],
    },
    {
      page: 'the live room with a cart',
      path: inRoom,
      who: 'host',
      expected: /alert/,
      dialogs: [{ name: 'a cart', presses: [/^(Your cart|购物车)/], part: '.cart' }],
    },
    { page: 'sign-in', path: () => '/sign-in', who: 'nobody', expected: /Welcome|欢迎/ },
    { page: 'orders', path: () => '/orders', who: 'viewer', expected: /alert/ },
    {
      page: 'orders, for nobody',
      path: () => '/orders',
      who: 'nobody',
      expected: /Sign in|登录/,
      dialogs: [{ name: 'sign-in', presses: [/^(Sign in|登录)$/] }],
    },
    { page: 'an order', path: () => `/orders/${orderId}`, who: 'viewer', expected: /alert/ },
    { page: 'the verify page', path: () => '/verify', who: 'viewer', expected: /Check a draw|验证开奖/ },
    {
      page: 'the studio',
      path: () => '/studio',
      who: 'host',
      expected: /alert/,
      dialogs: [{ name: 'a new show', presses: [/^(New show|新建直播)$/] }],
    },
    {
      page: 'the live console',
      path: () => `/studio/live/${roomId}`,
      who: 'host',
      expected: /Running order|讲解列表/,
      dialogs: [
        { name: 'a flash sale', presses: [/^(Flash sale|限时秒杀)$/] },
        { name: 'moderation', presses: [/^(Moderation|管理)/] },
        { name: 'products for the running order', presses: [/^(Add products|上链接)$/] },
        { name: 'the changing of a show', presses: [/^(Edit|编辑)$/] },
        { name: 'the changing of an offer', presses: [/^(Change|修改)$/] },
        { name: 'the end of a show', presses: [/^(End the show|下播)$/] },
      ],
    },
    {
      page: 'products',
      path: () => '/studio/products',
      who: 'host',
      expected: /alert/,
      dialogs: [
        { name: 'the changing of a product', presses: [/^(Edit|编辑): /] },
        { name: 'a further variant of a product', presses: [/^(Edit|编辑): /, /^(Add a variant|添加规格)$/] },
        { name: 'a new product', presses: [/^(Add a product|添加商品)$/] },
      ],
    },
    {
      page: "merchant's orders",
      path: () => '/studio/orders',
      who: 'host',
      expected: /alert/,
      dialogs: [{ name: 'an order of the shop', presses: [/^(Open|查看)$/] }],
    },
    {
      page: 'giveaways',
      path: () => `/studio/giveaways/${roomId}`,
      who: 'host',
      expected: /alert/,
      dialogs: [{ name: 'a new lucky bag', presses: [/^(New lucky bag|发福袋)$/] }],
    },
    { page: 'fans', path: () => '/studio/fans', who: 'host', expected: /Who may join|谁能加入/ },
    { page: 'numbers', path: () => '/studio/numbers', who: 'host', expected: /alert/ },
    {
      page: 'settings',
      path: () => '/studio/settings',
      who: 'host',
      expected: /Shipping fees|运费模板/,
      dialogs: [{ name: 'messages to a webhook', presses: [/^(Messages|推送记录)$/] }],
    },
  ];

  describe.each([
    [
      'on a desk, English, light, by addresses',
      byAddress,
      { viewport: desk, locale: 'en', colorScheme: 'light' } as const,
    ],
    ['on a phone, Chinese, dark, by links', byLink, { viewport: phone, locale: 'zh-CN', colorScheme: 'dark' } as const],
  ])('%s', (_name, goOn, options) => {
    const visitors = new Map<Stop['who'], Visitor>();
    afterAll(() => Promise.all([...visitors.values()].map(({ page }) => page.context().close())));

    /** Each person walks through all their pages in one browser, like people do: it starts and loads the code once. */
    async function visit(who: Stop['who'], path: string): Promise<Visitor> {
      const known = visitors.get(who);
      if (known) {
        await goOn(known.page, app.url + path);
        return known;
      }
      const session = { host, viewer, nobody: undefined }[who];
      const visitor = await browsers.visit(path, { ...(session && { session }), ...options, lessMotion: true });
      visitors.set(who, visitor);
      return visitor;
    }

    test.each(tour)(
      '$page and its dialogs have nothing serious, fit, and run no foreign script',
      async ({ path, who, expected, dialogs = [] }) => {
        const { page, problems } = await visit(who, path());
        await page.getByText(expected).filter({ visible: true }).first().waitFor();

        expect(await findings(page)).toEqual([]);
        expect(await page.evaluate<boolean>(isTooWide)).toBe(false);
        await fillAllFields(page, 'main');
        expect(await page.evaluate<boolean>(isTooWide)).toBe(false);
        for (const dialog of dialogs) await lookInto(page, dialog);
        expect(problems.splice(0)).toEqual([]);
      },
    );
  });

  async function lookInto(page: Page, { name, presses, part = '.sheet__body' }: Dialog): Promise<void> {
    for (const press of presses)
      await page.getByRole('button', { name: press }).filter({ visible: true }).first().click();
    await page.locator(`dialog[open] ${part}`).waitFor();
    // What comes in by and by is looked at where it has come to.
    await eventually(() => page.evaluate<boolean>(isDialogAtRest));
    await eventually(async () => (await page.locator('dialog[open] .skeleton').count()) === 0);

    expect(await findings(page, `'dialog[open]'`), name).toEqual([]);
    expect(await page.evaluate<boolean>(isDialogTooWide), name).toBe(false);
    await fillAllFields(page, 'dialog[open]');
    expect(await page.evaluate<boolean>(isDialogTooWide), name).toBe(false);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'hidden' });
  }

  test('by keys alone: a product is opened and left, something is said, and the focus is where it was', async () => {
    const { page, problems } = await browsers.visit(`/room/${roomId}`, { session: viewer });
    await page.getByRole('region', { name: 'Showing now' }).waitFor();
    await tabTo(page, /^Details/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Buy now/ }).waitFor();
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          `document.activeElement === document.body || Boolean(document.activeElement.closest('dialog[open]'))`,
        ),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await focusedName(page)).toMatch(/^Details/);

    await tabTo(page, /^Say something/);
    await page.keyboard.type('by keys alone');
    await page.keyboard.press('Enter');
    await page.locator('.line', { hasText: 'by keys alone' }).waitFor();
    expect(await focusedName(page)).toBe('Say something');

    // An answer is begun and called off, and one writes on.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByText('Replying to Vic').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Say something'); // The focus follows the picture.
    await page.keyboard.press('Shift+Tab');
    expect(await focusedName(page)).toBe('Cancel the reply');
    await page.keyboard.press('Enter');
    await page.getByText('Replying to Vic').waitFor({ state: 'hidden' });
    await expect.poll(() => focusedName(page)).toBe('Say something');
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

/** Presses Tab as a person would, until it is there. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const pressesMax = 80;
  for (let presses = 0; presses < pressesMax; presses++) {
    await page.keyboard.press('Tab');
    if (name.test(await focusedName(page))) return;
  }
  throw new Error(`${pressesMax} presses of Tab lead nowhere near ${String(name)}`);
}

const focusedName = (page: Page): Promise<string> =>
  page.evaluate(`document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent ?? ''`);
