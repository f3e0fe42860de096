import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { newId } from '../../shared/ids.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import type { Product } from '../../shared/protocol/catalog.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { data } from '../payments/till.ts';
import { account, freshStores, startTestApp } from '../support/app.ts';
import { openBrowsers, phone, type Browsers, type Visitor } from './support/pages.ts';
import { picturesOfFailures } from './support/pictures.ts';

// What a shop says of its products and its terms, and what a buyer reads of it. One story, told in order.
describe('a shop and who buys there, on the pages', { timeout: 60_000 }, () => {
  let app: App;
  let browsers: Browsers;
  let host: Visitor;
  let buyer: Visitor;
  let hostSession: Session;
  let buyerSession: Session;
  let roomId: string;
  let product: Product;

  const asHost = (method: string, path: string, body?: object) =>
    data(app, method, path, hostSession.accessToken, body);
  const productNow = async (): Promise<Product> => {
    const path = `/api/shops/${hostSession.person.personId}/products`;
    return (await asHost('GET', path)).products.find(({ title }: Product) => title.en === 'Kite');
  };
  const offersNow = async (): Promise<Offer[]> => (await asHost('GET', `/api/rooms/${roomId}/offers`)).offers;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    browsers = await openBrowsers(app);
    [hostSession, buyerSession] = [await account(app, 'Mei Lin'), await account(app, 'Vic')];
    ({ roomId } = await asHost('POST', '/api/rooms', { title: 'Kites' }));
    await asHost('POST', `/api/rooms/${roomId}/start`, {});
    const terms = { en: 'Returns within 30 days.', zh: '' };
    await asHost('PUT', '/api/shop', { name: 'Kite shop', currency: 'EUR', terms });
    host = await browsers.visit('/studio/products', { session: hostSession });
  }, 120_000);
  afterAll(async () => {
    await browsers.close();
    await app.close();
  });
  picturesOfFailures('shop', () => ({ host, buyer }));

  test('a product is made with variants, pictures and a description', async () => {
    const { page } = host;
    await page.getByRole('button', { name: 'Add a product' }).click();
    const form = page.getByRole('dialog', { name: 'Add a product' });
    const title = form.getByLabel('Title, in English');
    await form.getByLabel('What its variants differ in').fill('Size');
    await form.getByLabel('Size', { exact: true }).fill('Small');
    await form.getByLabel(/^Price/).fill('5');
    await form.getByLabel('Weight in grams').fill('120');
    await form.getByRole('button', { name: 'Add a variant' }).click();
    await form.getByLabel('Size', { exact: true }).nth(1).fill('Large');
    await form.getByLabel('Address of the picture').fill('icon.svg');
    await form.getByRole('button', { name: 'Add a picture' }).click();
    await form.getByLabel('Address of picture 2').fill('/icon.svg?back');
    await form.getByLabel('Description, in English').fill('Flies high.\nNeeds wind.');
    await form.getByRole('button', { name: 'Add a product' }).click();
    // Every field that is wrong says so in the words of the page, and the first of them has the focus.
    const [empty, odd] = [form.getByText('Fill this in.'), form.getByText(/^Begins with https/)];
    await Promise.all([empty.waitFor(), odd.waitFor()]);
    expect(await page.evaluate('document.activeElement.labels[0].textContent')).toBe('Title, in English');
    await title.fill('Kite');
    await empty.waitFor({ state: 'detached' });
    expect(await odd.count()).toBe(1);
    await form.getByLabel('Address of the picture').fill('/icon.svg');
    await form.getByRole('button', { name: 'Add a product' }).click();
    await page.getByRole('row', { name: /Kite.*Small/ }).waitFor();

    product = await productNow();
    expect(product).toMatchObject({
      optionNames: ['Size'],
      description: { en: 'Flies high.\nNeeds wind.' },
      images: [{ url: '/icon.svg' }, { url: '/icon.svg?back' }],
    });
    expect(
      product.skus.map(({ optionValues, priceMinor, freeUnits }) => [optionValues[0], priceMinor, freeUnits]),
    ).toEqual([
      ['Small', 500, 10],
      ['Large', 500, 10],
    ]);
  });

  test('a variant comes and another one goes; the pictures change places', async () => {
    const { page } = host;
    await page.getByRole('button', { name: 'Edit: Kite' }).click();
    const form = page.getByRole('dialog', { name: 'Edit the product' });
    await form.getByRole('button', { name: 'Remove the variant Large' }).click();
    await page.getByRole('button', { name: 'Take out', exact: true }).click();
    await form.getByRole('button', { name: 'Remove the variant Large' }).waitFor({ state: 'detached' });
    await form.getByRole('button', { name: 'Show picture 2 earlier' }).click();
    await form.getByLabel('Barcode').fill('4006381333931');
    await form.getByRole('button', { name: 'Add a variant' }).click();
    await form.getByLabel('Size', { exact: true }).fill('Huge');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Huge/ }).waitFor();

    product = await productNow();
    expect(
      product.skus.map(({ optionValues, barcode, weightGrams }) => [optionValues[0], barcode, weightGrams]),
    ).toEqual([
      ['Small', '4006381333931', 120],
      ['Huge', '', 0],
    ]);
    expect(product.images.map(({ url }) => url)).toEqual(['/icon.svg?back', '/icon.svg']);
    expect(product.description.en).toBe('Flies high.\nNeeds wind.');
  });

  test('who changes a product that was changed elsewhere meanwhile is told, and chooses', async () => {
    const { page } = host;
    const form = page.getByRole('dialog', { name: 'Edit the product' });
    const change = (en: string, zh = '') =>
      asHost('PATCH', `/api/products/${product.productId}`, { title: { en, zh } });
    await page.getByRole('button', { name: 'Edit: Kite' }).click();
    await form.getByLabel('Title, in English').fill('Big kite');
    await change('Red kite');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('button', { name: 'Drop mine, show the other' }).click();
    await expect.poll(() => form.getByLabel('Title, in English').inputValue()).toBe('Red kite');

    await form.getByLabel('Title, in English').fill('Kite');
    await change('Blue kite', '风筝');
    await form.getByRole('button', { name: 'Save' }).click();
    const mine = form.getByRole('button', { name: 'Save mine' });
    await mine.waitFor();
    const focused = (what: string) => page.evaluate(`document.activeElement.${what}`);
    await expect.poll(() => focused('className')).toContain('changed-meanwhile');
    const price = form.getByLabel(/^Price/).first();
    await price.fill('');
    await mine.click();
    await expect.poll(() => focused('validity?.valid')).toBe(false);
    await price.fill('5');
    await mine.click();
    await form.waitFor({ state: 'detached' });
    expect((await productNow()).title).toEqual({ en: 'Kite', zh: '风筝' });
    await asHost('PATCH', `/api/products/${product.productId}`, { title: { en: 'Kite' } });
  });

  test('a variant is put into the bag for followers alone, at its own price; a draft is changed before anybody sees it', async () => {
    const { page } = host;
    await page.goto(`${app.url}/studio/live/${roomId}`);
    await page.getByRole('button', { name: 'Add products' }).first().click();
    const sheet = page.getByRole('dialog', { name: 'Add products' });
    await sheet.getByRole('button', { name: 'Add with other terms: Kite · Small' }).click();
    const form = page.getByRole('dialog', { name: 'Add: Kite · Small' });
    await form.getByLabel(/^Price/).fill('4');
    await form.getByLabel('Who may buy').selectOption('followers');
    await form.getByRole('button', { name: 'Add to the show' }).click();
    await sheet.getByRole('button', { name: 'Added' }).waitFor();
    await sheet.getByRole('button', { name: 'Add', exact: true }).click();
    await expect.poll(async () => (await offersNow()).map(({ state }) => state)).toEqual(['open', 'open']);
    expect(await offersNow()).toMatchObject([
      { audience: { who: 'followers' }, priceMinor: 400, listPriceMinor: 500, state: 'open' },
      { audience: { who: 'all' }, priceMinor: 500, state: 'open' },
    ]);
    await sheet.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Add products');

    const [, huge] = await offersNow();
    await asHost('POST', `/api/rooms/${roomId}/offers/${huge!.offerId}/repeat`, { requestKey: newId() });
    await page.reload();
    await page.getByRole('listitem', { name: '3. Kite' }).getByRole('button', { name: 'Change' }).click();
    const terms = page.getByRole('dialog', { name: 'Change Kite' });
    await terms.getByLabel(/^List price/).fill('9');
    await terms.getByLabel('Who may buy').selectOption('fans');
    // Nobody is told of what others make of a draft.
    const { offerId } = (await offersNow())[2]!;
    await asHost('PATCH', `/api/rooms/${roomId}/offers/${offerId}`, { listPriceMinor: 800, limitUnits: 2 });
    await terms.getByRole('button', { name: 'Save' }).click();
    await terms.getByText('Somebody has set this meanwhile: List price 8.00.').waitFor();
    await terms.getByRole('button', { name: 'Save' }).click();
    await terms.waitFor({ state: 'detached' });
    expect((await offersNow())[2]).toMatchObject({
      listPriceMinor: 900,
      limitUnits: 2,
      audience: { who: 'fans', levelMin: 1 },
    });
    await asHost('PATCH', `/api/rooms/${roomId}/offers/${offerId}`, { priceMinor: 450 });
    const draft = page.getByRole('listitem', { name: '3. Kite' });
    await draft.getByRole('button', { name: 'Put on sale' }).click();
    await page.getByText('This was changed meanwhile. Look at it anew.').waitFor();
    await draft.getByText('€4.50').waitFor();
    expect((await offersNow())[2]).toMatchObject({ state: 'draft' });
  });

  test('a flash sale is announced for another day, and pins nothing', async () => {
    const { page } = host;
    await page.getByRole('listitem', { name: '2. Kite' }).getByRole('button', { name: 'Flash sale' }).click();
    const form = page.getByRole('dialog', { name: 'Flash sale: Kite' });
    const inTwoDays = `(() => {
      const at = new Date(Date.now() + 2 * 86_400_000);
      return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    })()`;
    const opensAt = await page.evaluate<string>(inTwoDays);
    await form.getByLabel('Units').fill('1');
    await form.getByLabel('Opens at').fill(opensAt);
    await form.getByRole('button', { name: 'Announce the sale' }).click();
    await form.waitFor({ state: 'detached' });

    const sale = (await offersNow()).find(({ kind }) => kind === 'flash');
    const opensAtMs = await page.evaluate<number>(`new Date('${opensAt}').getTime()`);
    expect(sale).toMatchObject({ state: 'announced', opensAtMs, countdownSeconds: 0, pinnedAtMs: null });
  });

  test('a buyer reads what it is, sees its pictures, and chooses among the variants of this product alone', async () => {
    const same = { title: product.title, optionNames: ['Size'], requestKey: newId() };
    const path = `/api/shops/${hostSession.person.personId}/products`;
    const skus = [{ optionValues: ['Another'], priceMinor: 700, units: 5 }];
    const other: Product = await asHost('POST', path, { ...same, skus });
    const wish = { skuId: other.skus[0]!.skuId, kind: 'cart', priceMinor: 700, allotmentUnits: 5, requestKey: newId() };
    const { offerId } = await asHost('POST', `/api/rooms/${roomId}/offers`, wish);
    await asHost('POST', `/api/rooms/${roomId}/offers/${offerId}/open`, {});
    const [first] = await offersNow();
    buyer = await browsers.visit(`/offer/${first!.offerId}`, { session: buyerSession, viewport: phone });
    const { page } = buyer;

    await page.getByText('Flies high.').waitFor();
    await page.getByRole('link', { name: 'Go to the show' }).click();
    const sheet = page.getByRole('dialog', { name: 'No. 1' });
    await sheet.getByText('Flies high.').waitFor();
    expect(await sheet.getByRole('list', { name: 'Pictures: Kite' }).getByRole('img').count()).toBe(2);
    const variants = sheet.getByRole('group', { name: 'Choose' }).getByRole('button');
    expect(await variants.allTextContents()).toEqual(['Small', 'Huge']);
    await variants.nth(1).click();
    await page.getByRole('dialog', { name: 'No. 2' }).waitFor();
  });

  test('the terms of the shop are there before paying; a wrong address is corrected on the spot', async () => {
    const { page } = buyer;
    await page.getByRole('button', { name: 'Buy now' }).click();
    const checkout = page.getByRole('dialog', { name: 'Checkout' });
    await checkout.getByText('Terms of the shop').click();
    await checkout.getByText('Returns within 30 days.').waitFor();
    for (const [label, text] of Object.entries({ 'Name of': 'Vic', Phone: '12345', Street: 'Rau 1', City: 'Porto' }))
      await checkout.getByLabel(new RegExp(`^${label}`)).fill(text);
    await checkout.getByRole('button', { name: 'Use this address' }).click();
    await checkout.getByText('Rau 1').waitFor();
    await checkout.getByRole('button', { name: 'Edit' }).click();
    await checkout.getByLabel(/^Street/).fill('Rua 1');
    await checkout.getByRole('button', { name: 'Use this address' }).click();
    await checkout.getByText('Rua 1').waitFor();

    const { orders } = await data(app, 'GET', '/api/orders', buyerSession.accessToken);
    const order = await data(app, 'GET', `/api/orders/${orders[0].orderId}`, buyerSession.accessToken);
    expect(order.delivery.address.street).toBe('Rua 1');
    const { addresses } = await data(app, 'GET', '/api/addresses', buyerSession.accessToken);
    expect(addresses).toHaveLength(1);
  });

  test('the address book is kept apart from orders: one is added and made the default, the other one removed', async () => {
    const { page } = buyer;
    await page.goto(`${app.url}/orders`);
    await page.getByText('My addresses').click();
    await page.getByRole('button', { name: 'Add an address' }).click();
    for (const [label, text] of Object.entries({ 'Name of': 'Mum', Phone: '54321', Street: 'Hill 2', City: 'Braga' }))
      await page.getByLabel(new RegExp(`^${label}`)).fill(text);
    await page.getByRole('button', { name: 'Save' }).click();
    const button = page.getByRole('button', { name: 'Make it the default' });
    await button.waitFor();
    // It is corrected on another page meanwhile.
    const book = await data(app, 'GET', '/api/addresses', buyerSession.accessToken);
    const { addressId, ...mum } = book.addresses.find(({ recipient }: { recipient: string }) => recipient === 'Mum');
    await data(app, 'PUT', `/api/addresses/${addressId}`, buyerSession.accessToken, { ...mum, street: 'Hill 3' });
    await button.click();
    const first = page.getByRole('listitem').filter({ hasText: 'Rua 1' });
    await first.getByRole('button', { name: 'Make it the default' }).waitFor();
    await first.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await first.waitFor({ state: 'detached' });

    const { addresses } = await data(app, 'GET', '/api/addresses', buyerSession.accessToken);
    expect(addresses).toMatchObject([{ recipient: 'Mum', street: 'Hill 3', isDefault: true }]);
  });

  test('an import says how far it is while another one of the shop is being written', async () => {
    const { page } = host;
    await page.goto(`${app.url}/studio/products`);
    const { db } = app.platform;
    const other = await db.connect();
    const lock = `(hashtextextended('nightmarket:import:' || $1, 0))`;
    const choose = (rows: string) => {
      const buffer = Buffer.from(`Handle,Title,Variant Price\n${rows}`);
      return page.getByLabel('Import CSV').setInputFiles({ name: 'products.csv', mimeType: 'text/csv', buffer });
    };
    try {
      await other.query(`SELECT pg_advisory_lock${lock}`, [hostSession.person.personId]);
      await choose('mug,Mug,10\ncup,Cup,12\n');
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByRole('button', { name: 'Importing 0 of 2' }).waitFor();
    } finally {
      other.release(true);
    }
    const dialog = page.getByRole('dialog', { name: 'Import CSV' });
    await dialog.getByText('2 added, 0 updated, 0 left out').waitFor();
    expect(await page.getByRole('button', { name: /^Importing/ }).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Close' }).click();

    // A price of the second one is none: the first is not written either when that is asked for.
    await choose('mug,Big mug,11\npot,Pot,much\n');
    await dialog.getByLabel('If products of the file have mistakes').selectOption('all-or-nothing');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog.getByText('Nothing was imported: the file has mistakes.').waitFor();
    await dialog.getByText('Row 3, Variant Price').waitFor();
    await page.getByRole('row', { name: /Mug/ }).waitFor();
  });

  test('no page had an error', () => {
    expect([...host.problems, ...buyer.problems]).toEqual([]);
  });
});
