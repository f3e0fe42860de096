import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { scheduleShow, startMediaApp } from '../media/support/show.ts';
import { eventually } from '../support/eventually.ts';

const part = 'media for all gateways';
const deadlineMs = 30_000;

let first: App;
let stores: Awaited<ReturnType<typeof freshStores>>;

beforeAll(async () => {
  stores = await freshStores();
  first = await startMediaApp(stores, { settings: { NIGHTMARKET_MEDIA_MEGABITS_MAX: '1' } });
});
afterAll(() => first.close());

const partsOf = async (app: App): Promise<Record<string, string>> => (await call(app, 'GET', '/readyz')).body.parts;

test(
  'two gateways that carry media each for themselves say so, until one of them is gone',
  { timeout: 90_000 },
  async () => {
    const second = await startTestApp(stores);
    const apart = async (app: App) => (await partsOf(app))[part] === 'apart: set NIGHTMARKET_MEDIA_URL';
    await eventually(async () => (await apart(first)) && (await apart(second)), { deadlineMs });
    expect((await call(first, 'GET', '/readyz')).status).toBe(200);

    await second.close();

    await eventually(async () => (await partsOf(first))[part] === 'ok', { deadlineMs });
  },
);

test('media that no secret was agreed on for has no internal API', async () => {
  expect((await call(first, 'POST', '/internal/media/sessions', { body: {} })).status).toBe(404);
  expect((await call(first, 'GET', '/internal/media/events')).status).toBe(404);
});

test('a media server by itself refuses viewers at its bound, and never who publishes', async () => {
  const show = await scheduleShow(first);
  const { roomId } = show;
  const people = [await guest(first), await guest(first), show.host];
  const [early, late, host] = await Promise.all(people.map((person) => openSocket(first, person)));

  expect(await send(early!, 'media:transport', { roomId, direction: 'watch' })).toMatchObject({ ok: true });
  const refused = { code: 'RATE_LIMITED', reason: 'media-full', retryAfterMs: 10_000 };
  expect(await send(late!, 'media:transport', { roomId, direction: 'watch' })).toMatchObject({ error: refused });
  expect(await send(host!, 'media:transport', { roomId, direction: 'publish' })).toMatchObject({ ok: true });

  early!.close(); // Who leaves makes place.
  await eventually(async () => (await send(late!, 'media:transport', { roomId, direction: 'watch' })).ok);
  for (const socket of [late!, host!]) socket.close();
});

test('a gateway that was told where media is is none of them', { timeout: 90_000 }, async () => {
  const settings = {
    NIGHTMARKET_ROLES: 'gateway',
    NIGHTMARKET_MEDIA_URL: first.url,
    NIGHTMARKET_MEDIA_TOKEN: 'x'.repeat(32),
  };
  const second = await startTestApp(stores, { settings });
  expect(await partsOf(second)).not.toHaveProperty(part);
  await second.close();
});
