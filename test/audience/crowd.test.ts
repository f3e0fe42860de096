import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFleet, type Fleet } from '../../load-tests/harness/fleet.ts';
import { RawSocket } from '../../load-tests/harness/raw-socket.ts';
import { startServer, type LoadPerson, type ServerUnderTest } from '../../load-tests/harness/server-under-test.ts';
import { openRooms } from '../../load-tests/scenarios/chat/ours.ts';
import { createClient, type Client } from '../../shared/client/client.ts';
import type { Aggregates } from '../../shared/protocol/room.ts';
import { freshStores } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

const viewersEach = 200;
/** Two are promised. The others are for machines that run other tests at the same time. */
const shownWithinMs = 4_000;

const silent = { onEvent: () => undefined, onAck: () => undefined, onClosed: () => undefined };
const authOf = ({ accessToken }: LoadPerson) => ({ token: accessToken });

describe('a crowd over two gateways', () => {
  let staying: ServerUnderTest;
  let doomed: ServerUnderTest;
  let host: LoadPerson;
  const fleets = new Set<Fleet>();
  const clients: Client[] = [];

  beforeAll(async () => {
    const stores = await freshStores();
    [staying, doomed] = [await startServer(stores), await startServer(stores)];
    host = (await staying.people(1, 'account'))[0]!;
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all([...fleets].map(leave));
    await Promise.all([staying, doomed].map((server) => server.stop()));
  });

  /** A room, and the numbers that its host is shown: who is a viewer too. */
  async function watchedRoom() {
    const [roomId] = (await openRooms(staying, host.accessToken, 1)) as [string];
    const client = createClient({ url: staying.url, credentials: async () => host });
    clients.push(client);
    const shown: { now: Aggregates } = { now: {} };
    client.room(roomId).on('aggregates', (values) => (shown.now = { ...shown.now, ...values }));
    await eventually(() => shown.now['viewers'] === 1);
    return { roomId, shown };
  }
  async function crowdOn(server: ServerUnderTest, roomId: string): Promise<Fleet> {
    const fleet = await openFleet({ url: server.url, auths: (await server.people(viewersEach)).map(authOf) });
    fleets.add(fleet);
    const { tally } = await fleet.requestAll({ name: 'room:join', input: { roomId } });
    expect(tally['"ok":true']).toBe(viewersEach);
    return fleet;
  }
  async function leave(fleet: Fleet): Promise<void> {
    fleets.delete(fleet);
    await fleet.close();
  }
  const shows = (shown: { now: Aggregates }, viewers: number) =>
    eventually(() => shown.now['viewers'] === viewers, { deadlineMs: shownWithinMs });

  test('everybody is counted once, who leaves is gone, and so are all who watched over a gateway that was killed', async () => {
    const { roomId, shown } = await watchedRoom();
    const [here] = await Promise.all([crowdOn(staying, roomId), crowdOn(doomed, roomId)]);

    await shows(shown, 2 * viewersEach + 1);
    process.kill(doomed.pid, 'SIGKILL');
    await shows(shown, viewersEach + 1);
    await leave(here);
    await shows(shown, 1);

    expect(shown.now['visitors']).toBe(2 * viewersEach + 1);
  }, 60_000);

  test('nobody stays behind who hangs up while being let in', async () => {
    const { roomId, shown } = await watchedRoom();
    const people = await staying.people(viewersEach);
    const sockets = people.map((person) => new RawSocket(new URL(staying.url), JSON.stringify(authOf(person)), silent));
    await Promise.all(sockets.map((socket) => socket.connected));

    for (const socket of sockets) {
      socket.request(1, JSON.stringify(['room:join', { roomId }]));
      socket.hangUp();
    }
    const last = await crowdOn(staying, roomId);
    await shows(shown, viewersEach + 1);
    await leave(last);

    await shows(shown, 1);
  }, 60_000);
});
