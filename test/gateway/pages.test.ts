import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { pageAddresses } from '../../shared/page-addresses.ts';
import { newId } from '../../shared/ids.ts';
import { builtPages } from '../pages/support/built-pages.ts';
import { freshStores, startTestApp } from '../support/app.ts';

describe('addresses of pages', () => {
  let app: App;
  beforeAll(async () => {
    // In this order: pages that are built later are served too.
    app = await startTestApp(await freshStores());
    await builtPages();
  }, 60_000);
  afterAll(() => app.close());

  const visit = async (path: string, accept = 'text/html,*/*') => {
    const answer = await fetch(`${app.url}${path}`, { headers: { accept } });
    return {
      status: answer.status,
      type: answer.headers.get('content-type')!.split(';')[0],
      text: await answer.text(),
    };
  };

  test.each(pageAddresses)('%s is there', async (address) => {
    const path = address.replaceAll(/:\w+Id/g, () => newId()).replace(':section', 'live');

    expect(await visit(path)).toMatchObject({ status: 200, type: 'text/html' });
  });

  test.each(['/nothing', '/room', '/room/no-id', `/room/${newId()}/more`, '/orders/1', '/%00'])(
    'at %s the pages come with 404, and say so',
    async (path) => {
      const answer = await visit(path);

      expect(answer).toMatchObject({ status: 404, type: 'text/html' });
      expect(answer.text).toBe((await visit('/')).text);
    },
  );

  test('whoever asks for something else than a page gets a code where there is none', async () => {
    const answer = await visit('/nothing', 'application/json');

    expect(answer).toMatchObject({ status: 404, type: 'application/json' });
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'UNKNOWN_ROUTE' } });
  });

  test.each(['/api/nothing', '/api', '/docs/nothing', '/whip/nothing/at/all', '/nothing.php', '/assets/nothing.js'])(
    'at %s a program gets a code',
    async (path) => {
      const answer = await visit(path);

      expect(answer).toMatchObject({ status: 404, type: 'application/json' });
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'UNKNOWN_ROUTE' } });
    },
  );
});
