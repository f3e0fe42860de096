import type { Socket } from 'socket.io-client';
import { call, freshStores, startTestApp } from '../support/app.ts';
import { ask, createShow, type Person } from '../giveaway/show.ts';

export type Host = Person & { clubId: string };
/** A host with a room for fans: the group, or a show. */
export type Group = Host & { roomId: string };
export type Seen = { kind: string; body: Record<string, unknown> };

const operator = { name: 'Operator', email: 'operator@example.test', password: 'correct horse battery' };

/** Two gateways over the same databases, and people with clubs on them. Close it in afterAll. */
export async function twoGatewaysOfFans() {
  const stores = await freshStores();
  const app = await startTestApp(stores);
  const { personId: operatorId } = (await call(app, 'POST', '/api/session/register', { body: operator })).body.data
    .person;
  const other = await startTestApp(stores, { settings: { NIGHTMARKET_OPERATORS: operatorId } });
  const people = createShow({ nowMs: Date.now() });
  const hostWithClub = async (change: Record<string, unknown> = {}): Promise<Host> => {
    const host = await people.person(app);
    const clubId = host.personId;
    await ask(host, 'fan-club:set', { clubId, greeting: 'Welcome!', ...change });
    return { ...host, clubId };
  };

  return {
    app,
    other,
    db: app.platform.db,
    /** Whoever runs the platform, on the gateway that knows them. */
    async asOperator(method: string, path: string, body: object): Promise<{ status: number; body: any }> {
      const { name: _name, ...known } = operator;
      const { data } = (await call(other, 'POST', '/api/session/sign-in', { body: known })).body;
      return call(other, method, path, { token: data.accessToken, body });
    },
    person: (at = app): Promise<Person> => people.person(at),
    hostWithClub,
    async hostWithGroup(): Promise<Group> {
      const host = await hostWithClub();
      const { groupRoomId } = await ask(host, 'fan-club:open-group', { clubId: host.clubId, title: 'Tea friends' });
      return { ...host, roomId: groupRoomId! };
    },
    /** A host with a live show for fans. */
    async hostWithShow(change: Record<string, unknown> = {}): Promise<Group> {
      const host = await hostWithClub(change);
      const { roomId } = await ask(host, 'room:create', { title: 'Fans’ night', openTo: 'fans' });
      await ask(host, 'room:start', { roomId });
      return { ...host, roomId };
    },
    /** A member who sits in the room, by default on the other gateway than the host. */
    async memberIn({ clubId, roomId }: Group, at = other): Promise<Person & { seen: Seen[] }> {
      const fan = await people.person(at);
      await ask(fan, 'fan-club:join', { clubId });
      const seen = watch(fan.socket);
      await ask(fan, 'room:join', { roomId });
      return { ...fan, seen };
    },
    async close(): Promise<void> {
      people.close();
      await Promise.all([app.close(), other.close()]);
    },
  };
}

/** Everything a socket is told of its rooms from now on, and that it was put out of them. */
export function watch(socket: Socket): Seen[] {
  const seen: Seen[] = [];
  socket.on('room:frame', ({ entries }: { entries: Seen[] }) => seen.push(...entries));
  socket.on('room:removed', (body: Record<string, unknown>) => seen.push({ kind: 'room:removed', body }));
  return seen;
}
