import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase, freshRedis } from '../support/stack.ts';

test('every call gives a migrated database of its own', async () => {
  const urls = [await freshDatabase(), await freshDatabase()];

  const clients = urls.map((url) => new pg.Client(url));
  await Promise.all(clients.map((client) => client.connect()));
  await clients[0]!.query('CREATE TABLE only_here (id int)');
  const { rows } = await clients[1]!.query(
    "SELECT to_regclass('only_here') AS only_here, to_regclass('migrations') AS migrations",
  );
  await Promise.all(clients.map((client) => client.end()));

  expect(rows).toEqual([{ only_here: null, migrations: 'migrations' }]);
});

test('every call gives an empty Redis of its own', async () => {
  const [one, other] = [new Redis(await freshRedis()), new Redis(await freshRedis())];

  await one.set('key', 'here');
  const seen = await other.get('key');
  one.disconnect();
  other.disconnect();

  expect(seen).toBeNull();
});
