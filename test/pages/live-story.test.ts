import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { data } from '../payments/till.ts';
import { letExpire } from '../sale/shop-floor.ts';
import { account, call, freshStores } from '../support/app.ts';
import { startMediaApp } from '../media/support/show.ts';
import { fileURLToPath } from 'node:url';
import { openBrowsers, phone, type Browsers, type Visitor } from './support/pages.ts';
import { pictureMoves, picturesOfFailures } from './support/pictures.ts';

const sampleFile = fileURLToPath(new URL('../../load-tests/demo/products.csv', import.meta.url));

// One evening, told in order: each part goes on where the one before ended.
describe('one live show, from the studio to three viewers', { timeout: 180_000 }, () => {
  let app: App;
  let browsers: Browsers;
  let host: Visitor;
  let ana: Visitor;
  let xiaoyu: Visitor;
  let bo: Visitor;
  let roomId: string;
  let everybody: Visitor[];
  let xiaoyuSession: Session;

  beforeAll(async () => {
    app = await startMediaApp(await freshStores());
    browsers = await openBrowsers(app);
  }, 120_000);
  afterAll(async () => {
    await browsers.close();
    await app.close();
  });

  picturesOfFailures('story', () => ({ host, ana, xiaoyu, bo }));

  test('a host makes an account, opens a shop, and imports its products', async () => {
    host = await browsers.visit('/sign-in?next=/studio/products');
    const { page } = host;
    await page.getByRole('tab', { name: 'New account' }).click();
    await page.getByLabel('Display name').fill('Mei Lin');
    await page.getByLabel('E-mail').fill('mei@example.test');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Make an account' }).click();

    await page.getByLabel('Name of the shop').fill('Lantern Street Goods');
    await page.getByRole('button', { name: 'Open your shop' }).click();
    await page.getByLabel('Import CSV').setInputFiles(sampleFile);
    await page.getByRole('button', { name: 'Import', exact: true }).click();

    await expect.poll(() => page.getByText('6 added, 0 updated, 0 left out').count()).toBe(1);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('row', { name: /Porcelain tea set/ }).waitFor();
  });

  test('the host makes a show, puts products on sale, and goes live from the camera', async () => {
    const { page } = host;
    await page.getByRole('navigation', { name: 'Studio' }).getByRole('link', { name: 'Live' }).click();
    await page.getByRole('button', { name: 'New show' }).first().click();
    await page.getByLabel('Title').fill('Friday lantern market');
    await page.getByRole('button', { name: 'Make the show' }).click();
    await page.waitForURL(/\/studio\/live\/[0-9a-f-]{36}$/);
    roomId = page.url().split('/').at(-1)!;

    await page.getByRole('button', { name: 'Add products' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByRole('listitem')
      .filter({ hasText: 'Porcelain tea set' })
      .getByRole('button', { name: 'Add', exact: true })
      .click();
    await dialog.getByRole('button', { name: 'Added' }).waitFor();
    await dialog
      .getByRole('listitem')
      .filter({ hasText: 'Night market chili oil' })
      .getByRole('button', { name: 'Add', exact: true })
      .click();
    await expect.poll(() => dialog.getByRole('button', { name: 'Added' }).count()).toBe(2);
    await dialog.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Start the preview' }).click();
    await page.getByLabel('Sound level').waitFor();
    await page.getByRole('button', { name: 'Go live' }).click();
    await page.getByText('On air').waitFor();
  });

  test('three people come, on phones and a desk, and see a picture that moves', async () => {
    const [anaSession, secondSession, boSession] = await Promise.all(
      ['Ana', '小雨', 'Bo'].map((name) => account(app, name)),
    );
    xiaoyuSession = secondSession!;
    const path = `/room/${roomId}`;
    [ana, xiaoyu, bo] = await Promise.all([
      browsers.visit(path, { session: anaSession!, viewport: phone }),
      browsers.visit(path, { session: xiaoyuSession, viewport: phone, locale: 'zh-CN' }),
      browsers.visit(path, { session: boSession! }),
    ]);
    everybody = [ana, xiaoyu, bo];

    await Promise.all(everybody.map(({ page }) => pictureMoves(page)));
  });

  test('nothing in the header of a phone lies on anything else, also on a small one', async () => {
    for (const width of [phone.width, 360]) {
      await ana.page.setViewportSize({ ...phone, width });
      expect(await ana.page.evaluate<string[]>(overlaps)).toEqual([]);
    }
    await ana.page.setViewportSize(phone);
  });

  test('pressed twice, the picture is liked: once more with each press that follows', async () => {
    await ana.page.evaluate(pressedThrice);
    await bo.page.getByRole('button', { name: 'Like, 2 likes' }).waitFor();
    // Who leaves right after has liked it all the same.
    await ana.page.getByRole('button', { name: 'Like, 2 likes' }).click();
    await ana.page.reload();
    await bo.page.getByRole('button', { name: 'Like, 3 likes' }).waitFor();
  });

  test('they talk, both ways and in any script, and nothing they write runs', async () => {
    const hostile = '<img src=x onerror=alert(1)> مرحبا 👩‍👩‍👧';
    await ana.page.getByLabel('Say something').fill(hostile);
    await ana.page.keyboard.press('Enter');
    await host.page.getByLabel('Say something').fill('Welcome to the market');
    await host.page.keyboard.press('Enter');

    for (const { page } of [host, ...everybody]) {
      await page.getByText(hostile).first().waitFor();
      await page.getByText('Welcome to the market').first().waitFor();
    }
    await xiaoyu.page.getByText('主播').first().waitFor();
  });

  test('the host pins with a key, and everybody sees it', async () => {
    await host.page.getByRole('listitem', { name: '1. Porcelain tea set' }).focus();
    await host.page.keyboard.press('p');

    await ana.page.getByRole('region', { name: 'Showing now' }).getByText('Porcelain tea set').waitFor();
    await xiaoyu.page.getByRole('region', { name: '讲解中' }).getByText('白瓷茶具套装').waitFor();
    await bo.page.getByRole('region', { name: 'Showing now' }).getByText('Porcelain tea set').waitFor();
  });

  test('a flash sale is announced: the card counts down, and nobody may buy yet', async () => {
    const { page } = host;
    await page.getByRole('listitem', { name: '1. Porcelain tea set' }).focus();
    await page.keyboard.press('f');
    await page.getByLabel('Units').fill('2');
    await page.getByLabel('Countdown, seconds').fill('20');
    await page.getByRole('button', { name: 'Start the countdown' }).click();

    await ana.page
      .getByRole('region', { name: 'Flash sale' })
      .getByRole('button', { name: /^Details/ })
      .click();
    expect(await ana.page.getByRole('button', { name: /^Buy now/ }).isDisabled()).toBe(true);
  });

  test('a lucky bag meanwhile, entered with a receipt', async () => {
    await host.page.getByRole('navigation', { name: 'Studio' }).getByRole('link', { name: 'Giveaways' }).click();
    await host.page.getByRole('button', { name: 'New lucky bag' }).click();
    const dialog = host.page.getByRole('dialog');
    await dialog.getByLabel('What there is to win').fill('Paper lantern');
    await dialog.getByLabel('Entry open for, minutes').fill('0.4');
    await dialog.getByRole('button', { name: 'Publish' }).click();

    await bo.page.getByRole('button', { name: /^Lucky bag: / }).click();
    // Following is what the bag asks for; the button beside the host's name knows of it, too.
    await bo.page.getByRole('dialog').getByRole('button', { name: 'Follow' }).click();
    await bo.page.locator('.host-chip').getByText('Following').waitFor();
    await bo.page.getByRole('button', { name: 'Enter', exact: true }).click();
    await bo.page.getByText('You are in').waitFor();
    await bo.page.getByText('Entry no. 1').waitFor();
    // The console is put aside meanwhile, and sends on.
    await host.page.getByText('You are on air.').waitFor();
    await pictureMoves(bo.page);
    await bo.page.keyboard.press('Escape');
  });

  test('it opens, two units: the first two get one, the third is told plainly', async () => {
    const buyNow = /^(Buy now|立即购买)/;
    // The button wakes by the server's clock; pressing waits for that.
    await ana.page.getByRole('button', { name: buyNow }).click({ timeout: 60_000 });
    await ana.page.getByRole('heading', { name: 'Checkout' }).waitFor();
    const details = ({ page }: Visitor) =>
      page.getByRole('region', { name: /Flash sale|限时秒杀/ }).getByRole('button', { name: /^(Details|查看详情)/ });
    await details(xiaoyu).click();
    await xiaoyu.page.getByRole('button', { name: buyNow }).click();
    await xiaoyu.page.getByRole('heading', { name: '确认订单' }).waitFor();

    await details(bo).click();
    await bo.page.getByRole('button', { name: 'Join the waiting list' }).click();
    await bo.page.getByText('You are no. 1 on the waiting list.').waitFor();
  });

  test('one pays, and sees it on the page of the order', async () => {
    const { page } = ana;
    await page.getByLabel('Name of the recipient').fill('Ana Ruiz');
    await page.getByLabel('Phone').fill('+34 600 000 000');
    await page.getByLabel('Street and number').fill('Calle Mayor 1');
    await page.getByLabel('City').fill('Madrid');
    await page.getByLabel('Country').selectOption('ES');
    await page.getByRole('button', { name: 'Use this address' }).click();
    await page.getByRole('button', { name: /^Pay €39\.20/ }).click();
    await page.getByRole('button', { name: 'Pay' }).click();
    await page.getByRole('link', { name: 'Back to the shop' }).click();
    await page.waitForURL(/\/orders\//);
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await expect.poll(() => page.getByText('Paid', { exact: true }).count()).toBeGreaterThan(0);
  });

  test('the other lets the time run out, and the unit goes to the first in line', async () => {
    await bo.page.keyboard.press('Escape');
    await bo.page.getByRole('button', { name: /^Lucky bag: / }).click();
    await bo.page.getByRole('dialog').getByText('Paper lantern').first().waitFor();
    const { orders } = await data(app, 'GET', '/api/orders?state=held', xiaoyuSession.accessToken);
    await letExpire(app, orders[0].orderId);
    await bo.page.getByText('A unit you waited for is yours. Pay to keep it.').waitFor({ timeout: 60_000 });
    // The lucky bag is open: nothing is put over it unasked.
    await bo.page.getByRole('button', { name: 'Pay now' }).click();
    await xiaoyu.page.getByText('付款时间已过，库存已释放，未扣款。').waitFor({ timeout: 30_000 });
  });

  test('the bag is drawn, and the draw checked in the browser', async () => {
    await bo.page.getByRole('heading', { name: 'Checkout' }).waitFor();
    await bo.page.keyboard.press('Escape');
    await bo.page.getByRole('button', { name: /^Lucky bag: / }).click();
    await bo.page.getByText('You won').waitFor({ timeout: 60_000 });

    await bo.page.getByText('How it is drawn').click();
    await bo.page.getByRole('link', { name: 'Check the draw' }).click();
    await bo.page.getByText('Everything is right').waitFor({ timeout: 20_000 });
  });

  test('the host ends the show: viewers are thanked, the summary is there', async () => {
    const { page } = host;
    await page.getByRole('link', { name: 'Back to the show' }).click();
    await page.getByRole('button', { name: 'End the show' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    await page.waitForURL(/\/studio\/numbers\//);

    await xiaoyu.page.keyboard.press('Escape');
    await xiaoyu.page.getByText('直播已结束').first().waitFor();
    await expect.poll(() => page.getByText('€39.20').count()).toBeGreaterThan(0);
    const { body } = await call(app, 'GET', '/api/rooms?which=live');
    expect(body.data.rooms).toEqual([]);
  });

  test('no page had an error, and no script ran that was not ours', () => {
    for (const { problems } of [host, ...everybody]) expect(problems).toEqual([]);
  });
});

/** As fast as no machine is too slow for, on whatever lies there. */
const pressedThrice = `for (let presses = 0; presses < 3; presses++)
  document.elementFromPoint(90, 200).dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: 90, clientY: 200 }));`;

/** Pairs of things with words or pictures in the header of a phone that share a place on the screen. */
const overlaps = `(() => {
  const things = [...document.querySelectorAll('.phone-room__top :is(.avatar, .host-chip__names, .button, .icon-button, .quality)')];
  const boxes = things.map((thing) => ({ name: thing.className, box: thing.getBoundingClientRect() }));
  const share = (a, b) => a.left < b.right - 1 && b.left < a.right - 1;
  return [
    ...boxes.flatMap((one, at) => boxes.slice(at + 1).filter(({ box }) => share(one.box, box)).map(({ name }) => one.name + ' on ' + name)),
    ...boxes.filter(({ box }) => box.right > innerWidth).map(({ name }) => name + ' is cut off'),
  ];
})()`;
