import type { Socket } from 'socket.io-client';
import type { App } from '../../server/app/app.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { ask, createShow, type Person } from '../giveaway/show.ts';

export type Host = Person & { clubId: string };
export type Group = Host & { roomId: string };
export type Seen = { kind: string; body: Record<string, unknown> };

/** Two gateways over the same databases, and people with clubs on them. Close it in afterAll. */
export async function twoGatewaysOfFans() {
  const stores = await freshStores();
  const [app, other]: [App, App] = [await startTestApp(stores), await startTestApp(stores)];
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
    person: (at = app): Promise<Person> => people.person(at),
    hostWithClub,
    async hostWithGroup(): Promise<Group> {
      const host = await hostWithClub();
      const { groupRoomId } = await ask(host, 'fan-club:open-group', { clubId: host.clubId, title: 'Tea friends' });
      return { ...host, roomId: groupRoomId! };
    },
    /** A member who sits in the group, by default on the other gateway than the host. */
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
