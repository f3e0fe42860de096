import type { Socket } from 'socket.io-client';
import type { App } from '../../server/app/app.ts';
import { createClient, type Client } from '../../shared/client/client.ts';
import type { RoomSession } from '../../shared/client/room.ts';
import type { TypedEntry } from '../../shared/frames.ts';
import type { Room } from '../../shared/protocol/room.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, guest, openSocket, startTestApp, type TestAppOptions } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

export type Visitor = {
  session: Session;
  client: Client;
  room: RoomSession;
  /** Everything the client was told of the room, in order: entries of snapshots too. */
  seen: TypedEntry[];
  texts: () => string[];
};

/** Two gateways over the same databases, and what tests need on them. Close it in afterAll. */
export async function twoGateways(options: TestAppOptions = {}, over?: { databaseUrl: string; redisUrl: string }) {
  const stores = over ?? (await freshStores());
  const [here, there] = [await startTestApp(stores, options), await startTestApp(stores, options)];
  const clients: Client[] = [];
  const sockets: Socket[] = [];

  return {
    here,
    there,
    stores,
    show: async (title = 'A show') => showOf(await account(here), { title }),
    showOf,
    /** Joins a room with the typed client; resolves when the client is in. */
    async visit(app: App, roomId: string, session?: Session): Promise<Visitor> {
      const who = session ?? (await guest(app));
      const client = createClient({ url: app.url, credentials: async () => who });
      clients.push(client);
      const seen: TypedEntry[] = [];
      const room = client.room(roomId);
      room.on('snapshot', ({ entries }) => seen.push(...entries));
      room.on('entry', (entry) => seen.push(entry));
      await eventually(() => room.state() === 'joined');
      const texts = () => seen.flatMap((entry) => (entry.kind === 'chat:message' ? [entry.body.text] : []));
      return { session: who, client, room, seen, texts };
    },
    /** A room with its host on one gateway and a viewer on the other. */
    async hostAndViewer() {
      const { host, roomId } = await this.show();
      const staff = await this.visit(here, roomId, host);
      const viewer = await this.visit(there, roomId);
      return { roomId, staff, viewer };
    },
    /** A guest's typed client, in no room. */
    async client(app: App): Promise<Client> {
      const who = await guest(app);
      const client = createClient({ url: app.url, credentials: async () => who });
      clients.push(client);
      await eventually(client.isOnline);
      return client;
    },
    async socket(app: App, session: Session): Promise<Socket> {
      const socket = await openSocket(app, session);
      sockets.push(socket);
      return socket;
    },
    async close(): Promise<void> {
      for (const client of clients) client.close();
      for (const socket of sockets) socket.close();
      await Promise.all([here.close(), there.close()]);
    },
  };

  async function showOf(
    host: Session,
    body: { title: string; rehearsal?: boolean; scheduledAtMs?: number } = { title: 'A show' },
  ): Promise<{ host: Session; roomId: string }> {
    const created = await call(here, 'POST', '/api/rooms', { token: host.accessToken, body });
    return { host, roomId: (created.body.data as Room).roomId };
  }
}

export type TwoGateways = Awaited<ReturnType<typeof twoGateways>>;

let keys = 0;
export const newKey = (): string => `test-key-${++keys}`;
