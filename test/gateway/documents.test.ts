import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { commands } from '../../shared/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import { account, call, freshStores, startTestApp } from '../support/app.ts';

/** The specification's own schema of AsyncAPI 3.0. */
const asyncApiSchema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;

/** References inside a document that lead nowhere in it. */
function deadReferences(document: any): string[] {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, path]) => path!);
  const leads = (path: string) =>
    path
      .split('/')
      .slice(1)
      .reduce((at, key) => at?.[decodeURIComponent(key)], document) !== undefined;
  return [...new Set(references)].filter((path) => !leads(path));
}

describe('API documents', () => {
  let app: App;
  beforeAll(async () => {
    app = await startTestApp(await freshStores());
  });
  afterAll(() => app.close());

  test('the AsyncAPI document keeps to its specification, its references lead somewhere, and it has every command', async () => {
    const { body } = await call(app, 'GET', '/docs/asyncapi.json');

    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(asyncApiSchema);
    validate(body);

    expect(validate.errors ?? []).toEqual([]);
    expect(deadReferences(body)).toEqual([]);
    const operations = Object.keys(body.operations);
    expect(operations).toEqual(expect.arrayContaining(Object.keys(commands).map((name) => name.replaceAll(':', '.'))));
  });

  test('the OpenAPI document has every bound command with its path parameters', async () => {
    const { body } = await call(app, 'GET', '/docs/openapi.json');

    expect(body.openapi).toBe('3.1.0');
    expect(deadReferences(body)).toEqual([]);
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

  test('a fixed address is not taken for a parameter of another command', async () => {
    const { accessToken: token } = await account(app);

    expect((await call(app, 'GET', '/api/giveaways/wins', { token })).status).toBe(200);
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
