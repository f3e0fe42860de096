import { readFile } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createImportProgress } from '../../server/features/catalog/import-progress.ts';
import { ownColumns } from '../../server/features/catalog/shopify-columns.ts';
import { columnsOf } from '../../server/features/catalog/shopify-names.ts';
import { readShopifyRows } from '../../server/features/catalog/shopify-read.ts';
import { htmlOfText, textOfHtml } from '../../server/features/catalog/html-text.ts';
import { ImportReport } from '../../shared/protocol/catalog.ts';
import { account, call, freshStores, openSocket, startTestApp } from '../support/app.ts';
import { data, hold, buyers, newKey, openOffer } from '../sale/shop-floor.ts';
import { openShop, type Merchant } from './shop-support.ts';
import { objectionsTo } from './shopify-rules.ts';

describe('Shopify product files', () => {
  let app: App;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
  });
  afterAll(() => app.close());

  async function upload(
    { shopId, token }: Merchant,
    csv: string | Buffer | Readable,
    query = '',
  ): Promise<ImportReport> {
    const choices = new URLSearchParams({ requestKey: newKey(), ...Object.fromEntries(new URLSearchParams(query)) });
    const response = await fetch(`${app.url}/api/shops/${shopId}/import?${choices.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', authorization: `Bearer ${token}` },
      body: csv,
      duplex: 'half',
    });
    const body = (await response.json()) as { data: unknown; error?: unknown };
    if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status, error: body.error });
    return ImportReport.parse(body.data);
  }
  const download = async ({ shopId, token }: Merchant): Promise<string> =>
    (await call(app, 'GET', `/api/shops/${shopId}/products.csv`, { token })).body;
  const products = async ({ shopId, token }: Merchant, query = ''): Promise<any[]> =>
    (await call(app, 'GET', `/api/shops/${shopId}/products?limit=100${query}`, { token })).body.data.products;

  test('variants, pictures and texts of a product spread over rows come together', async () => {
    const shop = await openShop(app);

    const report = await upload(shop, await readFile('docs/samples/products.csv'));
    const [teapot] = await products(shop, '&search=teapot');

    expect(report).toMatchObject({ outcome: 'imported', added: 4, updated: 0, problemCount: 0 });
    expect(teapot).toMatchObject({
      handle: 'celadon-teapot',
      title: { en: 'Celadon teapot', zh: '青瓷茶壶' },
      description: { en: 'Thrown by hand,\nfired twice & glazed.', zh: '手工拉坯，两次烧成。' },
      tags: ['tea', 'ceramics'],
      optionNames: ['Size', 'Lid'],
      images: [
        { url: 'https://images.example.test/teapot-front.jpg', alt: 'Front' },
        { url: 'https://images.example.test/teapot-side.jpg', alt: '' },
        { url: 'https://images.example.test/teapot-lid.jpg', alt: 'The lid' },
      ],
    });
    expect(
      teapot.skus.map(({ optionValues, priceMinor, freeUnits }: any) => [optionValues, priceMinor, freeUnits]),
    ).toEqual([
      [['Small', 'Plain'], 2_450, 12],
      [['Large', 'Carved'], 3_900, 4],
    ]);
  });

  test('the second import changes nothing: no product, no movement of stock', async () => {
    const shop = await openShop(app);
    const csv = await readFile('docs/samples/products.csv');
    await upload(shop, csv);
    const before = await products(shop);

    const again = await upload(shop, csv);

    expect(again).toMatchObject({ added: 0, updated: 4, problemCount: 0 });
    // Written all the same: who has one of them in a form saves over what the file says.
    expect(await products(shop)).toEqual(before.map((one) => ({ ...one, version: Number(one.version) + 1 })));
    const { movements } = (await call(app, 'GET', `/api/skus/${before[0].skus[0].skuId}/stock`, { token: shop.token }))
      .body.data;
    expect(movements).toHaveLength(1);
  });

  const header = 'Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty,Image Src';
  test('a picture that lies on this server is exported by its whole address', async () => {
    const shop = await openShop(app);
    await upload(shop, [header, 'lamp,Lamp,Size,S,10.00,1,/demo/lamp.svg'].join('\r\n'));

    const [row] = rowsOf(await download(shop));

    expect(row!['Image Src']).toBe(`${app.url}/demo/lamp.svg`);
  });

  const withMistakes = [
    header,
    'good,Good,Size,S,10.00,1,',
    'bad-price,Bad,Size,S,ten,1,',
    'good,,,M,11.00,2,',
    ',No handle,,,5,1,',
    'bad-second,Second,Size,S,1,1,',
    'bad-second,,,M,1.005,few,javascript:alert(1)',
    'no-title,,Size,S,3,1,',
  ].join('\r\n');

  test('mistakes are listed with their rows, and good products are kept', async () => {
    const shop = await openShop(app);

    const report = await upload(shop, withMistakes);

    expect(report).toMatchObject({ outcome: 'imported', added: 1 });
    expect(report.problems.map(({ row, column }) => [row, column])).toEqual([
      [3, 'Variant Price'],
      [5, 'Handle'],
      [6, 'Image Src'],
      [7, 'Variant Price'],
      [7, 'Variant Inventory Qty'],
      [8, 'Title'],
    ]);
    expect((await products(shop)).map(({ handle }) => handle)).toEqual(['good']);
  });

  test('all or nothing means nothing, when there is a mistake', async () => {
    const shop = await openShop(app);

    const report = await upload(shop, withMistakes, 'mode=all-or-nothing');

    expect(report).toMatchObject({ outcome: 'refused', added: 0 });
    expect(await products(shop)).toEqual([]);
  });

  test('all or nothing holds for what only the database can refuse, too', async () => {
    const shop = await openShop(app);
    await upload(shop, `${header}\nmug,Mug,Size,S,10,1,`);
    const csv = `${header}\nplate,Plate,,,5,1,\nmug,Mug,,,10,1,`;

    const refused = await upload(shop, csv, 'mode=all-or-nothing');
    const kept = await upload(shop, csv);

    expect(refused).toMatchObject({ outcome: 'refused', added: 0, problems: [{ row: 3 }] });
    expect(kept).toMatchObject({ outcome: 'imported', added: 1, problems: [{ row: 3 }] });
  });

  test('an update may leave stock alone, and may leave out products the shop has', async () => {
    const shop = await openShop(app);
    await upload(shop, `${header}\nmug,Mug,Size,S,10,7,`);

    await upload(shop, `${header}\nmug,Big mug,Size,S,12,1,`);
    const skipped = await upload(shop, `${header}\nmug,Other mug,Size,S,15,1,`, 'existing=skip');

    expect(skipped).toMatchObject({ skipped: 1 });
    const [mug] = await products(shop);
    expect(mug).toMatchObject({ title: { en: 'Big mug' }, skus: [{ priceMinor: 1_200, freeUnits: 7 }] });
  });

  // No unit comes into being because a file came twice: whatever was promised or sold since is not for sale again.
  describe('the stock of a file, when units are on sale', () => {
    const tenMugs = `${header}\nmug,Mug,Size,S,10,10,`;

    /** Ten mugs are in an open offer, one of them is held. */
    async function onSale(requestKey: string) {
      const shop = await openShop(app);
      const { token } = shop;
      await upload(shop, tenMugs, `requestKey=${requestKey}&stock=set`);
      const { skuId } = (await products(shop))[0].skus[0];
      const room = await data(app, 'POST', '/api/rooms', token, { title: 'Mugs' });
      await data(app, 'POST', `/api/rooms/${room.roomId}/start`, token, {});
      const floor = { host: shop.session, token, roomId: room.roomId, skuId, priceMinor: 1_000 };
      const { offerId } = await openOffer(app, floor, { allotmentUnits: 10 });
      const [buyer] = await buyers(app, 1);
      const { orderId } = await hold(app, floor, buyer!, { offerId, units: 1 });
      return { shop, floor, offerId, orderId, freeUnits: async () => (await products(shop))[0].skus[0].freeUnits };
    }

    test('an import sent again with its key moves nothing, and answers the same', async () => {
      const requestKey = newKey();
      const { shop, floor, offerId, orderId, freeUnits } = await onSale(requestKey);
      await app.ledger.pay(orderId, crypto.randomUUID());
      await data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/close`, floor.token, {});

      const again = await upload(shop, tenMugs, `requestKey=${requestKey}&stock=set`);

      expect(again).toMatchObject({ added: 1, updated: 0 });
      expect(await freeUnits()).toBe(9);
      await expect(upload(shop, `${tenMugs}\n`, `requestKey=${requestKey}&stock=keep`)).rejects.toMatchObject({
        error: { code: 'KEY_REUSED' },
      });
    });

    test('is left alone unless asked for, and then counts what offers have', async () => {
      const { shop, orderId, freeUnits } = await onSale(newKey());

      const exported = await download(shop);
      await upload(shop, exported, 'stock=set');
      expect(await freeUnits()).toBe(0);

      await upload(shop, tenMugs.replace('10,10,', '10,15,'), 'stock=set');
      expect(await freeUnits()).toBe(5);
      await app.ledger.pay(orderId, crypto.randomUUID());
      await upload(shop, tenMugs);
      expect(await freeUnits()).toBe(5);
      const tooFew = await upload(shop, tenMugs.replace('10,10,', '10,8,'), 'stock=set');
      expect(tooFew.problems[0]!.message).toContain('9 units of a variant are in offers');
      expect(await freeUnits()).toBe(5);
    });
  });

  test.each(['clothes', 'household'])(
    'a file of %s in the columns of Shopify comes out as it went in',
    async (name) => {
      const shop = await openShop(app);
      const file = await readFile(`test/catalog/shopify-${name}.csv`);

      const report = await upload(shop, file);
      const exported = await download(shop);

      expect(report.problems).toEqual([]);
      const [before, after] = [rowsOf(file.toString()), rowsOf(exported)];
      expect(after.map(cellsAsShopifyReads)).toEqual(before.map(cellsAsShopifyReads));
      expect(objectionsTo(after)).toEqual([]);
      const second = await openShop(app);
      await upload(second, exported);
      expect(await download(second)).toBe(exported);
    },
  );

  const newerHeader =
    'Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,' +
    'Option1 name,Option1 value,Option1 Linked To,Price,Compare-at price,Charge tax,Unit price total measure,' +
    'Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),Weight unit for display,' +
    'Requires shipping,Fulfillment service,Product image URL,Image position,Image alt text,Variant image URL,Gift card,SEO title,Google Shopping / Manufacturer part number (MPN)';
  test('a file in the columns of the newer template of Shopify says the same, and comes out in those of the older', async () => {
    const shop = await openShop(app);
    const rows = [
      newerHeader,
      'Kite,kite,<p>Flies.</p>,Winds,Toys,Outdoor,"air, wind",TRUE,Active,K-S,4006381333931,Size,Small,,12.50,15.00,TRUE,1.5,shopify,7,TRUE,120,g,TRUE,manual,https://images.example.test/kite.jpg,1,A kite,,FALSE,Best kite,M-7',
      ',kite,,,,,,,,K-L,,,Large,,14.50,,TRUE,2.5,shopify,3,FALSE,150,g,TRUE,manual,,,,https://images.example.test/large.jpg,,,',
      'Pot,pot,,,,,,TRUE,Active,,,,,,much,,,,,,,,,,,,,,,,,',
    ];

    const report = await upload(shop, rows.join('\n'));

    expect(report).toMatchObject({
      added: 1,
      problems: [{ row: 4, column: 'Price', handle: 'pot', mistake: 'amount' }],
    });
    expect(await products(shop)).toMatchObject([
      {
        handle: 'kite',
        title: { en: 'Kite' },
        description: { en: 'Flies.' },
        vendor: 'Winds',
        kind: 'Outdoor',
        tags: ['air', 'wind'],
        optionNames: ['Size'],
        images: [{ url: 'https://images.example.test/kite.jpg', alt: 'A kite' }],
        published: true,
        skus: [
          {
            optionValues: ['Small'],
            code: 'K-S',
            barcode: '4006381333931',
            priceMinor: 1_250,
            compareAtMinor: 1_500,
            weightGrams: 120,
            freeUnits: 7,
          },
          {
            optionValues: ['Large'],
            priceMinor: 1_450,
            imageUrl: 'https://images.example.test/large.jpg',
            freeUnits: 3,
          },
        ],
      },
    ]);
    const exported = await download(shop);
    expect(rowsOf(exported)).toMatchObject([
      {
        Handle: 'kite',
        'Variant Inventory Policy': 'continue',
        'Variant Taxable': 'TRUE',
        'SEO Title': 'Best kite',
        'Google Shopping / MPN': 'M-7',
        'Gift Card': 'FALSE',
        'Product category': 'Toys',
        Status: 'Active',
        'Unit price total measure': '1.5',
      },
      { 'Variant Inventory Policy': 'deny', 'Unit price total measure': '2.5' },
    ]);
    const second = await openShop(app);
    await upload(second, exported);
    expect(await download(second)).toBe(exported);
  });

  test('a column that the file has under its older name too is one of its own', async () => {
    const shop = await openShop(app);
    await upload(shop, `${header},SKU,Variant SKU\nmug,Mug,,,10,1,,mine,M-1`);

    expect((await products(shop))[0].skus[0].code).toBe('M-1');
    expect(rowsOf(await download(shop))[0]).toMatchObject({ SKU: 'mine', 'Variant SKU': 'M-1' });
  });

  test.each([
    ['Handle', { Handle: 'a mug' }],
    ['Title', { Title: ' ' }],
    ['Published', { Published: 'yes' }],
    ['Status', { Status: '' }],
    ['Option1 Name', { 'Option1 Name': '' }],
    ['an option without a value', { 'Option2 Name': 'Colour' }],
    ['Variant Price', { 'Variant Price': '1,50' }],
    ['Variant Inventory Qty', { 'Variant Inventory Qty': '' }],
    ['Variant Inventory Policy', { 'Variant Inventory Policy': '' }],
    ['Variant Fulfillment Service', { 'Variant Fulfillment Service': '' }],
    ['Variant Weight Unit', { 'Variant Weight Unit': 'stone' }],
    ['Image Src', { 'Image Src': '/demo/lamp.svg' }],
    ['Image Position', { 'Image Position': '0' }],
  ])('Shopify’s rules, which exports are judged by, object to a wrong %s', async (what, wrong) => {
    const [row] = rowsOf((await readFile('test/catalog/shopify-clothes.csv')).toString());
    expect(objectionsTo([row!])).toEqual([]);

    expect(objectionsTo([{ ...row!, ...wrong }]).map((one) => one.split(': ')[1])).toContain(what);
  });

  // Invariant: an import takes nothing from a product that its file has no column for.
  describe('a file changes what it has a column for', () => {
    const theProduct = async (file: string, handle: string) => {
      const rows = rowsOf((await readFile(`test/catalog/shopify-${file}.csv`)).toString());
      return rows.filter((row) => row['Handle'] === handle);
    };
    const fileOf = (rows: Record<string, string>[], without: readonly string[] = []) => {
      const names = Object.keys(rows[0]!).filter((column) => !without.includes(column));
      return stringify(rows, { header: true, columns: names });
    };
    /** What no file of the sample says, in every column that may change. */
    const other = (column: string, index: number): string => {
      if (column === 'Handle' || column.startsWith('Option')) return '';
      if (/^Image/.test(column) && index > 0) return '';
      if (column === 'Image Src' || column === 'Variant Image') return `https://images.example.test/${index}.jpg`;
      if (column === 'Image Position') return '1';
      if (column === 'Published' || column === 'Variant Requires Shipping') return 'false';
      if (/Price|Grams|Qty|Cost/.test(column)) return String(7_000 + index);
      if (column === 'Body (HTML)') return '<p>Other <b>words</b></p>';
      return `other ${index}`;
    };
    const changed = (rows: Record<string, string>[]) =>
      rows.map((row, index) =>
        Object.fromEntries(Object.entries(row).map(([column, text]) => [column, other(column, index) || text])),
      );
    const whole = ['Variant Inventory Qty', ...Object.values(ownColumns)];
    let shop: Merchant;
    beforeAll(async () => {
      shop = await openShop(app);
    });

    test.each([
      ['clothes', 'dock-apron', 'nothing', []],
      ['household', 'stoneware-bowl', 'nothing', []],
      ['clothes', 'dock-apron', 'texts', ['Body (HTML)']],
      ['clothes', 'dock-apron', 'sorting', ['Vendor', 'Type', 'Tags']],
      ['clothes', 'dock-apron', 'whether it is published', ['Published']],
      ['clothes', 'dock-apron', 'pictures', ['Image Src', 'Image Position', 'Image Alt Text']],
      ['clothes', 'dock-apron', 'codes', ['Variant SKU', 'Variant Barcode']],
      ['clothes', 'dock-apron', 'weights', ['Variant Grams', 'Variant Weight Unit']],
      ['clothes', 'dock-apron', 'the price of before', ['Variant Compare At Price']],
      ['clothes', 'dock-apron', 'whether it is sent', ['Variant Requires Shipping']],
      ['clothes', 'dock-apron', 'pictures of variants', ['Variant Image']],
      ['clothes', 'dock-apron', 'what only Shopify knows', ['SEO Title', 'Gift Card', 'Variant Tax Code']],
      ['household', 'stoneware-bowl', 'the cost', ['Cost per item', 'Variant Inventory Policy']],
    ])('%s %s without %s', async (file, handle, _what, without) => {
      const rows = await theProduct(file, handle);
      const cellsOf = async () =>
        rowsOf(await download(shop))
          .filter((row) => row['Handle'] === handle)
          .map((row) => cellsAsShopifyReads(row) as Record<string, unknown>);
      expect((await upload(shop, fileOf(changed(rows)))).problems).toEqual([]);
      const before = await cellsOf();

      expect((await upload(shop, fileOf(rows, without))).problems).toEqual([]);

      const kept = new Set([...without, ...whole]);
      const wanted = rows.map((row, index) => {
        const [said, was] = [cellsAsShopifyReads(row), before[index]!].map((cells) => Object.entries(cells as object));
        return Object.fromEntries([
          ...said!.filter(([column]) => !kept.has(column)),
          ...was!.filter(([column]) => kept.has(column)),
        ]);
      });
      expect(await cellsOf()).toEqual(wanted);
    });

    const texts = { title: { en: 'Mug', zh: '杯子' }, description: { en: 'It holds tea.', zh: '可以盛茶。' } };
    const body = 'Handle,Title,Body (HTML),Variant Price';
    const { titleZh, bodyZh, onlyChinese } = ownColumns;
    test.each([
      [
        'the other language',
        '',
        `${body}\nH,Cup,<i>Holds</i> water.,10`,
        { title: 'Cup', description: 'Holds water.' },
      ],
      ['English', 'language=zh', `${body}\nH,茶杯,<i>水</i>,10`, { titleZh: '茶杯', descriptionZh: '水' }],
      ['descriptions', '', 'Handle,Title,Variant Price\nH,Cup,10', { title: 'Cup' }],
      [
        'what is not Chinese',
        '',
        `Handle,Title,${titleZh},${bodyZh},Variant Price\nH,Mug,茶杯,,10`,
        {
          titleZh: '茶杯',
          descriptionZh: '',
        },
      ],
      [
        'nothing, of both',
        '',
        `Handle,Title,Body (HTML),${onlyChinese},Variant Price\nH,茶杯,水,title body,10`,
        {
          title: '',
          titleZh: '茶杯',
          description: '',
          descriptionZh: '水',
        },
      ],
    ])('texts: %s stay', async (_what, query, csv, said: Record<string, string>) => {
      const handle = newKey();
      await call(app, 'POST', `/api/shops/${shop.shopId}/products`, {
        body: { ...texts, handle, skus: [{ priceMinor: 900 }], published: false, requestKey: newKey() },
        token: shop.token,
      });

      await upload(shop, csv.replace('\nH,', `\n${handle},`), query);

      const product = (await products(shop)).find((one) => one.handle === handle);
      expect(product).toMatchObject({
        title: { en: said['title'] ?? 'Mug', zh: said['titleZh'] ?? '杯子' },
        description: { en: said['description'] ?? 'It holds tea.', zh: said['descriptionZh'] ?? '可以盛茶。' },
        published: false,
      });
      const [row] = rowsOf(await download(shop)).filter((one) => one['Handle'] === handle);
      expect(textOfHtml(row!['Body (HTML)']!)).toBe(product.description.en || product.description.zh);
    });

    test('what Shopify hides by its status is hidden until its file or its merchant shows it, and comes out as it went in', async () => {
      const hidden = await openShop(app);
      const shown = async () =>
        (await products(hidden)).filter(({ published }) => published).map(({ handle }) => handle);
      const words = async () =>
        rowsOf(await download(hidden)).map(({ Handle, Published, Status }) => [Handle, Published, Status].join());
      const file = (...rows: string[]) =>
        upload(hidden, ['Handle,Title,Variant Price,Published,Status', ...rows].join('\n'));
      const told = [
        'active,true,active',
        'draft,true,Draft',
        'old,true,archived',
        'apart,false,active',
        'both,false,draft',
        'link,true,unlisted',
      ];

      await file(...told.map((one) => one.replace(',', `,Mug,10,`)));

      expect(await shown()).toEqual(['active']);
      expect((await words()).sort()).toEqual([...told].sort());
      const found = await data(app, 'GET', `/api/products?shopId=${hidden.shopId}`, (await account(app)).accessToken);
      expect(found.products.map(({ handle }: { handle: string }) => handle)).toEqual(['active']);

      // An empty status says nothing, nor does a file without it; each of the two words alone can still hide.
      await file('draft,Mug,10,true,', 'both,Mug,10,,active', 'apart,Mug,10,true,');
      await upload(hidden, 'Handle,Title,Variant Price,Published\nold,Mug,11,true');
      await upload(hidden, 'Handle,Title,Variant Price,Status\nlink,Mug,10,active');
      expect((await shown()).sort()).toEqual(['active', 'apart', 'link']);
      const draft = (await products(hidden)).find(({ handle }) => handle === 'draft');
      await data(app, 'PATCH', `/api/products/${draft.productId}`, hidden.token, { published: true });
      expect((await shown()).sort()).toEqual(['active', 'apart', 'draft', 'link']);
      expect(await words()).toEqual(
        expect.arrayContaining(['draft,true,active', 'old,true,archived', 'both,false,active']),
      );
      await upload(hidden, 'handle,title,variant price,published,status\nsmall,Mug,10,true,draft');
      expect((await shown()).sort()).toEqual(['active', 'apart', 'draft', 'link']);
      expect((await file('odd,Mug,10,true,in stock')).problems).toMatchObject([{ column: 'Status', mistake: 'form' }]);
    });

    test('what each variant has of its own comes out with it: measures and the prices of markets', async () => {
      const measured = await openShop(app);
      const columns = [
        'Unit Price Total Measure',
        'Price / United States',
        'Included / United States',
        'Google Shopping / MPN',
      ];
      const rows = [
        `Handle,Title,Option1 Name,Option1 Value,Variant Price,${columns.join()}`,
        'oil,Oil,Size,Small,5,250,6,true,M-1',
        'oil,,,Large,9,500,11,false,',
      ];
      await upload(measured, rows.join('\n'));

      const kept = rowsOf(await download(measured)).map((row) => columns.map((column) => row[column]).join());
      expect(kept).toEqual(['250,6,true,M-1', '500,11,false,']);
    });

    test('an empty flag says nothing, and a picture keeps its words', async () => {
      const handle = newKey();
      const url = 'https://images.example.test/a.jpg';
      await upload(
        shop,
        `Handle,Title,Published,Variant Price,Variant Requires Shipping,Image Src,Image Alt Text\n${handle},Mug,false,10,false,${url},Front`,
      );

      await upload(
        shop,
        `Handle,Title,Published,Variant Price,Variant Requires Shipping,Image Src\n${handle},Mug,,11,,${url}`,
      );

      expect((await products(shop)).find((one) => one.handle === handle)).toMatchObject({
        published: false,
        images: [{ url, alt: 'Front' }],
        skus: [{ priceMinor: 1_100, requiresShipping: false }],
      });
    });
  });

  test('a variant that is sold on without stock, below zero at Shopify, has none here', async () => {
    const shop = await openShop(app);

    const report = await upload(shop, `${header}\nmug,Mug,,,10.00,-2,\n`);

    expect(report.problems).toEqual([]);
    expect((await products(shop))[0].skus[0].freeUnits).toBe(0);
  });

  test('a product of more rows than it could have variants and pictures is left out unread', async () => {
    const shop = await openShop(app);

    const report = await upload(shop, `${header}\nmug,Mug,,,10,1,\n${'cup,Cup,Size,S,10,1,\n'.repeat(121)}`);

    expect(report).toMatchObject({ added: 1, problemCount: 1, problems: [{ row: 3, handle: 'cup' }] });
  });

  test('its merchant is told how far an import is, under its key', async () => {
    const shop = await openShop(app);
    const socket = await openSocket(app, shop.session);
    const told = new Promise((resolve) => socket.once('shop:importing', resolve));

    await upload(shop, `${header}\nmug,Mug,,,10,1,\ncup,Cup,,,10,1,\n`, 'requestKey=two-products');

    expect(await told).toEqual({ shopId: shop.shopId, requestKey: 'two-products', done: 0, of: 2 });
    socket.close();
    let nowMs = 0;
    const counts: number[] = [];
    const oneIsWritten = createImportProgress(
      () => nowMs,
      (done) => counts.push(done),
    );
    for (const takesMs of [100, 100, 300, 100, 400]) {
      nowMs += takesMs;
      oneIsWritten();
    }
    expect(counts).toEqual([0, 3, 5]);
  });

  test('a shop sends one file at a time, and another shop does not wait for it', async () => {
    const [shop, other] = [await openShop(app), await openShop(app)];
    const first = new PassThrough();
    const taken = upload(shop, first);
    first.write(`${header}\n`);

    const second = () => upload(shop, `${header}\ncup,Cup,,,10,1,`).catch((error: unknown) => error);
    await expect.poll(second).toMatchObject({ error: { code: 'RETRY' } });
    expect(await upload(other, `${header}\nmug,Mug,,,10,1,`)).toMatchObject({ added: 1 });
    first.end('mug,Mug,,,10,1,\n');

    expect(await taken).toMatchObject({ added: 1 });
    expect(await upload(shop, `${header}\nmug,Mug,,,10,1,`)).toMatchObject({ updated: 1 });
  });

  test('a price is read in the currency of the shop', async () => {
    const shop = await openShop(app, 'JPY');

    const report = await upload(shop, `${header}\nyen,Yen,,,1200,1,\nsen,Sen,,,12.50,1,`);

    expect(report.problems).toMatchObject([{ row: 3, column: 'Variant Price', mistake: 'amount' }]);
    expect((await products(shop))[0].skus[0].priceMinor).toBe(1_200);
  });

  test.each([
    ['not CSV at all', `${header}\n"unclosed`, 400],
    ['nothing', '', 400],
    ['more rows than allowed', `${header}\n${'a,A,,,1,1,\n'.repeat(20_001)}`, 413],
    ['more columns than allowed', `${header}${',a'.repeat(500)}\nmug,Mug,,,10,1,`, 413],
    ['more bytes than allowed', `${header}\n${`a,${'A'.repeat(500)},,,1,1,\n`.repeat(18_000)}`, 413],
  ])('%s is refused', async (_what, csv, status) => {
    const shop = await openShop(app);

    await expect(upload(shop, csv)).rejects.toMatchObject({ status });
  });

  test.each([
    ['another table', 'a,b\n1,2', /no column Handle \(or URL handle\), Title, Variant Price \(or Price\)\.$/],
    ['newer names and semicolons', 'URL handle;Title;Price\nmug;Mug;10', /Save it as CSV with commas/],
    ['semicolons', `${header}\nmug,Mug,,,10,1,`.replaceAll(',', ';'), /Save it as CSV with commas/],
    ['a column twice', `${header}, Title\nmug,Mug,,,10,1,,Cup`, /^The file has the column Title twice/],
  ])('%s instead of products: what is wrong is said', async (_what, csv, message) => {
    const refused = upload(await openShop(app), csv);

    await expect(refused).rejects.toMatchObject({ status: 400, error: { message: expect.stringMatching(message) } });
  });

  test('files are the affair of the merchant alone', async () => {
    const shop = await openShop(app);
    const stranger = { ...shop, token: (await account(app)).accessToken };

    await expect(upload(stranger, header)).rejects.toMatchObject({ status: 403 });
    expect((await call(app, 'GET', `/api/shops/${shop.shopId}/products.csv`, { token: stranger.token })).status).toBe(
      403,
    );
  });

  test('columns that mean nothing here survive the way in and out', async () => {
    const shop = await openShop(app);
    await upload(shop, `${header},SEO Title,Variant Tax Code,My Column\nmug,Mug,,,10,1,,Best mug,P0000,mine`);

    const [names, cells] = (await download(shop))
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));
    const row = Object.fromEntries(names!.map((name, index) => [name, cells![index]]));

    expect(row).toMatchObject({ 'SEO Title': 'Best mug', 'Variant Tax Code': 'P0000', 'My Column': 'mine' });
  });

  const text = fc.oneof(
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    fc.constantFrom('=1+1', '"quoted", with comma', 'two\nlines', '杯子', 'a & b < c', "'apostrophe", '&amp;'),
  );
  const word = text.map((value) => value.trim().replaceAll(/[\0\r]/g, '')).filter((value) => value !== '');
  const perhaps = fc.oneof(fc.constant(''), word);
  const sku = fc.record({
    code: perhaps,
    barcode: perhaps,
    priceMinor: fc.integer({ min: 0, max: 1_000_000_000 }),
    compareAtMinor: fc.option(fc.integer({ min: 0, max: 1_000_000_000 })),
    weightGrams: fc.integer({ min: 0, max: 10_000_000 }),
    requiresShipping: fc.boolean(),
    imageUrl: fc.constantFrom('', 'https://images.example.test/a,b.jpg'),
    units: fc.integer({ min: 0, max: 1_000_000 }),
  });
  const product = fc
    .record({
      title: fc.oneof(fc.record({ en: word, zh: perhaps }), fc.record({ en: fc.constant(''), zh: word })),
      description: fc.record({ en: perhaps, zh: perhaps }),
      vendor: perhaps,
      kind: perhaps,
      tags: fc.uniqueArray(word.map((tag) => tag.replaceAll(',', ' ').trim()).filter(Boolean), { maxLength: 3 }),
      published: fc.boolean(),
      images: fc.array(fc.record({ url: fc.webUrl(), alt: perhaps }), { maxLength: 4 }),
      optionNames: fc.uniqueArray(word, { maxLength: 3 }),
      variants: fc.array(sku, { minLength: 1, maxLength: 4 }),
    })
    .map(({ variants, ...rest }) => ({
      ...rest,
      skus: variants
        .slice(0, rest.optionNames.length === 0 ? 1 : undefined)
        .map((variant, index) => ({ ...variant, optionValues: rest.optionNames.map((name) => `${name}-${index}`) })),
    }));

  test('an export imports as the same shop again, whatever its products say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(product, { minLength: 1, maxLength: 3 }), async (catalog) => {
        const [first, second] = [await openShop(app), await openShop(app)];
        for (const [index, body] of catalog.entries()) {
          const added = await call(app, 'POST', `/api/shops/${first.shopId}/products`, {
            body: { ...body, requestKey: `property-${index}` },
            token: first.token,
          });
          expect(added.status, JSON.stringify(added.body)).toBe(200);
        }

        const exported = await download(first);
        const report = await upload(second, exported);

        expect(objectionsTo(rowsOf(exported))).toEqual([]);
        expect(report).toMatchObject({ added: catalog.length, problems: [] });
        expect(withoutIds(await products(second))).toEqual(withoutIds(await products(first)));
        expect(await download(second)).toBe(exported);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

test('the event loop turns while a large file is made into products', async () => {
  const rows = Array.from({ length: 3_000 }, (_, row) => ({
    row,
    cells: { Handle: `mug-${row}`, Title: 'Mug', 'Variant Price': '10' },
  }));
  let [turns, done] = [0, false];
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);

  const columns = new Set(Object.keys(rows[0]!.cells));
  const { products } = await readShopifyRows({ columns, rows }, { currency: 'EUR', language: 'en' });
  done = true;

  expect(products).toHaveLength(3_000);
  expect(turns).toBeGreaterThan(2);
});

describe('the words of a description', () => {
  test.each([
    ['<p>Two<br />lines</p><ul><li>One</li></ul>', 'Two\nlines\nOne'],
    ['a <b title="x">bold</b>  word<!-- not this --> &amp; &#8364; &nope;', 'a bold word & € &nope;'],
    ['before<script src=x>alert("<p>")</script > after<style>p {', 'before after'],
    ['1 < 2, </ 3 > 2, <3 & a <b', '1 < 2, </ 3 > 2, <3 & a <b'],
    ['words<!-- to the end', 'words'],
  ])('%j', (html, text) => {
    expect(textOfHtml(html)).toBe(text);
    expect(textOfHtml(htmlOfText(text))).toBe(text);
  });

  // Half a minute and more where each beginning is followed to the end of the text.
  test.each(['<a', '<', '</', '<br ', '<script', '<script>', '</script ', '<!--'])(
    'take their time by the length of the text, of %j too',
    (beginning) => {
      for (const end of ['', '>']) expect(textOfHtml(beginning.repeat(200_000) + end)).not.toContain('word');
    },
  );
});

test('of two names that mean one column the first counts, and the other means nothing here', () => {
  const header = ['Price', 'Variant price', 'sku', 'SKU', 'TITLE', 'Title'];

  const names = columnsOf(header).map(({ name }) => name);

  expect(names).toEqual(['Variant Price', 'Variant price', 'Variant SKU', 'SKU', 'TITLE', 'Title']);
});

const rowsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true, bom: true });

/** Without empty cells and spaces at the ends of texts, amounts as numbers, a single picture in the first place. */
function cellsAsShopifyReads(row: Record<string, string>): unknown {
  const cells = Object.entries({ ...row, 'Image Position': row['Image Src'] ? row['Image Position'] || '1' : '' })
    .map(([column, text]) => [column, text.trim()] as const)
    .filter(([, text]) => text !== '');
  return Object.fromEntries(cells.map(([column, text]) => [column, / Price$/.test(column) ? Number(text) : text]));
}

/** A product as its merchant knows it. */
const withoutIds = (list: any[]): unknown =>
  list.map(({ productId, shopId, skus, ...rest }) => ({
    ...rest,
    skus: skus.map(({ skuId, ...sku }: { skuId: string }) => sku),
  }));
