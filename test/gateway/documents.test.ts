import { Parser } from '@asyncapi/parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { commands } from '../../shared/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import { call, freshStores, startTestApp } from '../support/app.ts';

describe('API documents', () => {
  let app: App;
  beforeAll(async () => {
    app = await startTestApp(await freshStores());
  });
  afterAll(() => app.close());

  test('the AsyncAPI document is valid and has every command', async () => {
    const { body } = await call(app, 'GET', '/docs/asyncapi.json');

    const { document, diagnostics } = await new Parser().parse(JSON.stringify(body));

    expect(diagnostics.filter(({ severity }) => (severity as number) === 0)).toEqual([]);
    expect(
      document
        ?.operations()
        .all()
        .map((operation) => operation.id()),
    ).toEqual(expect.arrayContaining(Object.keys(commands).map((name) => name.replaceAll(':', '.'))));
  });

  test('the OpenAPI document has every bound command with its path parameters', async () => {
    const { body } = await call(app, 'GET', '/docs/openapi.json');

    for (const [name, { http }] of Object.entries(commands)) {
      if (!http) continue;
      const operation = body.paths[http.path.replaceAll(/:(\w+)/g, '{$1}')]?.[http.method.toLowerCase()];
      expect(operation, name).toBeDefined();
      const inPath = operation.parameters
        .filter(({ in: place }: any) => place === 'path')
        .map((each: any) => each.name);
      expect(inPath.sort()).toEqual([...http.path.matchAll(/:(\w+)/g)].map((match) => match[1]).sort());
    }
  });

  test('no two commands share a route', () => {
    const routes = Object.values(commands).flatMap(({ http }) => (http ? [`${http.method} ${http.path}`] : []));

    expect(new Set(routes).size).toBe(routes.length);
  });

  test('people can read them at /docs', async () => {
    const page = await call(app, 'GET', '/docs');
    const script = await call(app, 'GET', '/docs/ui/swagger-ui-bundle.js');

    expect([page.status, script.status]).toEqual([200, 200]);
  });
});

describe('health', () => {
  test('readyz names each part and turns red when one is lost', async () => {
    const stores = await freshStores();
    const app = await startTestApp(stores);
    const ready = await call(app, 'GET', '/readyz');
    app.platform.redis.commands.disconnect();

    const lost = await eventually(async () => {
      const answer = await call(app, 'GET', '/readyz');
      return answer.status === 503 && answer;
    });

    expect(ready).toMatchObject({ status: 200, body: { ready: true, parts: { postgres: 'ok', redis: 'ok' } } });
    expect(lost).toMatchObject({ status: 503, body: { ready: false, parts: { postgres: 'ok', redis: 'down' } } });
    await app.close();
  });

  test('metrics are open without a token in the settings and closed with one', async () => {
    const stores = await freshStores();
    const open = await startTestApp(stores);
    const closed = await startTestApp(stores, { settings: { NIGHTMARKET_METRICS_TOKEN: 'a-token-of-the-tests' } });

    expect((await call(open, 'GET', '/metrics')).body).toContain('nightmarket_commands_total');
    expect((await call(closed, 'GET', '/metrics')).status).toBe(401);
    expect((await call(closed, 'GET', '/metrics', { token: 'a-token-of-the-tests' })).status).toBe(200);
    await Promise.all([open.close(), closed.close()]);
  });
});
