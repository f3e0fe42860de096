import { startServer } from '../../harness/server-under-test.ts';
import type { Load } from '../../harness/scenario.ts';
import { chatText, type ChatServerKind } from './servers.ts';

type OursOptions = {
  name?: string;
  settings?: Record<string, string>;
  nodeFlags?: readonly string[];
};

/** Nightmarket with one live room. Every side has databases of its own only if the scenario gives it some. */
export function ours(load: Load, { name = 'ours', settings = {}, nodeFlags = [] }: OursOptions = {}): ChatServerKind {
  return {
    name,
    setUp: `server/main.ts as gateway and worker in one process, Redis and PostgreSQL beside it${settingsText(settings)}`,
    async start() {
      const stores = await load.stores();
      const server = await startServer(stores, { settings, nodeFlags });
      const roomId = await openRoom(server.url);
      return {
        ...server,
        storesCpuMs() {
          const { redisMs, postgresMs } = server.storesCpu();
          return redisMs + postgresMs;
        },
        auths: async (count) => (await server.people(count)).map(({ accessToken }) => ({ token: accessToken })),
        join: { name: 'room:join', input: { roomId } },
        send: {
          name: 'chat:send',
          input: { roomId, text: chatText, key: '{id}' },
          tally: ['"outcome":"sent"'],
        },
      };
    },
  };
}

function settingsText(settings: Record<string, string>): string {
  const texts = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return texts.length > 0 ? `; ${texts.join(', ')}` : '';
}

/** A host and their live room, by the public API. */
export async function openRoom(url: string): Promise<string> {
  const email = `host-${process.pid}-${performance.now()}@example.test`;
  const { accessToken } = await call<{ accessToken: string }>(url, '/api/session/register', {
    name: 'Host',
    email,
    password: 'correct horse battery',
  });
  const { roomId } = await call<{ roomId: string }>(url, '/api/rooms', { title: 'Lamps' }, accessToken);
  await call(url, `/api/rooms/${roomId}/start`, {}, accessToken);
  return roomId;
}

async function call<T>(url: string, path: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  const reply = (await response.json()) as { ok: boolean; data: T };
  if (!reply.ok) throw new Error(`${path}: ${JSON.stringify(reply)}`);
  return reply.data;
}
