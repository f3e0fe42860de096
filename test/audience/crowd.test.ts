import { expect, onTestFinished, test } from 'vitest';
import { openFleet } from '../../load-tests/harness/fleet.ts';
import { RawSocket } from '../../load-tests/harness/raw-socket.ts';
import { startServer, type LoadPerson } from '../../load-tests/harness/server-under-test.ts';
import { openRooms } from '../../load-tests/scenarios/chat/ours.ts';
import { createClient } from '../../shared/client/client.ts';
import type { Aggregates } from '../../shared/protocol/room.ts';
import { freshStores } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

// How soon a number is right, also when a gateway was killed, is what `npm run load -- audience` measures.

const viewers = 200;
const silent = { onEvent: () => undefined, onAck: () => undefined, onClosed: () => undefined };
const authOf = ({ accessToken }: LoadPerson) => ({ token: accessToken });

test('nobody of a crowd stays behind who hangs up while being let in', async () => {
  const server = await startServer(await freshStores());
  onTestFinished(() => server.stop());
  const [host] = (await server.people(1, 'account')) as [LoadPerson];
  const [roomId] = (await openRooms(server, host.accessToken, 1)) as [string];
  const client = createClient({ url: server.url, credentials: async () => host });
  onTestFinished(() => client.close());
  let shown: Aggregates = {};
  client.room(roomId).on('aggregates', (values) => (shown = { ...shown, ...values }));
  const shows = (count: number) => eventually(() => shown['viewers'] === count);
  await shows(1);

  const join = { name: 'room:join', input: { roomId } };
  const people = await server.people(viewers);
  const sockets = people.map((person) => new RawSocket(new URL(server.url), JSON.stringify(authOf(person)), silent));
  await Promise.all(sockets.map((socket) => socket.connected));
  for (const socket of sockets) {
    socket.request(1, JSON.stringify([join.name, join.input]));
    socket.hangUp();
  }
  const last = await openFleet({ url: server.url, auths: (await server.people(viewers)).map(authOf) });
  try {
    expect((await last.requestAll(join)).tally['"ok":true']).toBe(viewers);
    await shows(viewers + 1);
  } finally {
    await last.close();
  }

  await shows(1);
}, 60_000);
