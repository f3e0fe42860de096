import { startServer, type ServerUnderTest } from '../../harness/server-under-test.ts';
import type { Load } from '../../harness/scenario.ts';
import type { ChatServerKind } from './servers.ts';

type OursOptions = { name?: string; settings?: Record<string, string> };

/** Nightmarket with one live room. */
export function ours(load: Load, { name = 'ours', settings = {} }: OursOptions = {}): ChatServerKind {
  return {
    name,
    setUp: `server/main.ts as gateway and worker in one process, Redis and PostgreSQL beside it${settingsText(settings)}`,
    async start({ nodeFlags = [] } = {}) {
      const server = await startServer(await load.stores(), { settings, nodeFlags });
      const [host] = await server.people(1, 'account');
      const [roomId] = await openRooms(server, host!.accessToken, 1);
      return {
        ...server,
        storesCpuMs() {
          const { redisMs, postgresMs } = server.storesCpu();
          return redisMs + postgresMs;
        },
        auths: async (count) => (await server.people(count)).map(({ accessToken }) => ({ token: accessToken })),
        hostAuth: { token: host!.accessToken },
        join: { name: 'room:join', input: { roomId } },
        say: (text) => ({
          name: 'chat:send',
          input: { roomId, text, requestKey: '{id}' },
          tally: ['"outcome":"sent"'],
        }),
      };
    },
  };
}

/** Live rooms of one host, made by the public API. */
export async function openRooms({ url }: ServerUnderTest, hostToken: string, count: number): Promise<string[]> {
  const roomIds: string[] = [];
  for (let made = 0; made < count; made++) {
    const { roomId } = await post<{ roomId: string }>(`${url}/api/rooms`, { title: `Lamps ${made}` }, hostToken);
    await post(`${url}/api/rooms/${roomId}/start`, {}, hostToken);
    roomIds.push(roomId);
  }
  return roomIds;
}

async function post<T>(url: string, body: unknown, token: string): Promise<T> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const reply = (await response.json()) as { ok: boolean; data: T };
  if (!reply.ok) throw new Error(`${url}: ${JSON.stringify(reply)}`);
  return reply.data;
}

function settingsText(settings: Record<string, string>): string {
  const texts = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return texts.length > 0 ? `; ${texts.join(', ')}` : '';
}
