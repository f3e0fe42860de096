import { io, type Socket } from 'socket.io-client';
import { readConfig } from '../../server/app/config.ts';
import { startApp, type App, type AppNeeds } from '../../server/app/app.ts';
import { createAccessTokens } from '../../server/features/identity/access-tokens.ts';
import type { Clock } from '../../server/platform/clock.ts';
import { createLog } from '../../server/platform/log.ts';
import type { Reply } from '../../shared/protocol/define.ts';
import { protocolVersion, type CommandName, type Commands } from '../../shared/protocol/index.ts';
import type { Session } from '../../shared/protocol/session.ts';
import type { z } from 'zod';
import { freshDatabase, freshRedis } from './stack.ts';

export const testSecrets = {
  tokenSecret: 'a secret of the tests, long enough to be one',
  paymentWebhookSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

/** What gateways and a media process of the tests agree on. */
export const mediaToken = 'a media secret of the tests, long enough too';

export type TestAppOptions = {
  settings?: Record<string, string>;
  secrets?: Partial<typeof testSecrets>;
  nowMs?: Clock;
} & Pick<AppNeeds, 'fetchBeacon'>;

/** Databases of one test file, and any number of gateways over them. Close every application the test started. */
export async function freshStores(): Promise<{ databaseUrl: string; redisUrl: string }> {
  const [databaseUrl, redisUrl] = await Promise.all([freshDatabase(), freshRedis()]);
  return { databaseUrl, redisUrl };
}

/** The real application on a free port. Logs are silent unless NIGHTMARKET_TEST_LOG names a level. */
export function startTestApp(
  stores: { databaseUrl: string; redisUrl: string },
  { settings = {}, secrets = {}, ...chance }: TestAppOptions = {},
): Promise<App> {
  const level = process.env['NIGHTMARKET_TEST_LOG'] ?? 'silent';
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    NIGHTMARKET_HOST: '127.0.0.1',
    NIGHTMARKET_STOP_SECONDS: '3',
    NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '8',
    ...settings,
  });
  return startApp({ config, ...stores, secrets: { ...testSecrets, ...secrets }, log: createLog(level), ...chance });
}

/** An HTTP call as a stranger would make it. Returns status and the parsed JSON body. */
export async function call(
  app: Pick<App, 'url'>,
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string } = {},
): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await fetch(`${app.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
}

let people = 0;

export async function guest(app: Pick<App, 'url'>, name = `Guest ${++people}`): Promise<Session> {
  return (await call(app, 'POST', '/api/session/guest', { body: { name } })).body.data;
}

export async function account(app: Pick<App, 'url'>, name = `Person ${++people}`): Promise<Session> {
  const body = { name, email: `person-${++people}-${process.pid}@example.test`, password: 'correct horse battery' };
  return (await call(app, 'POST', '/api/session/register', { body })).body.data;
}

/**
 * An account without a password, for tests that need many: one would cost each of them 30 ms of a core, and a network may make a
 * hundred an hour.
 */
export const quickAccount = async (app: Pick<App, 'url'>, name?: string): Promise<Session> =>
  withAccount(await guest(app, name));

/** A guest's session with an account in its token, which is all that rules look at. Until it is refreshed. */
export function withAccount(session: Session): Session {
  const person = { ...session.person, kind: 'account' as const };
  const [sessionId] = session.refreshToken.split('.') as [string];
  const { accessExpiresAtMs } = session;
  const tokens = createAccessTokens({
    secret: testSecrets.tokenSecret,
    lifeSeconds: 0,
    nowMs: () => accessExpiresAtMs,
  });
  return { ...session, person, ...tokens.sign({ ...person, sessionId }) };
}

/** A plain socket.io-client, as a stranger would write it. Close it in the test. */
export async function openSocket(
  app: Pick<App, 'url'>,
  { accessToken }: Pick<Session, 'accessToken'>,
): Promise<Socket> {
  const socket = io(app.url, {
    transports: ['websocket'],
    auth: { token: accessToken, protocol: protocolVersion },
    reconnection: false,
    forceNew: true,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

/** Sends a command and checks that the answer has the form its schema promises. */
export async function send<E extends CommandName>(
  socket: Socket,
  name: E,
  input: z.input<Commands[E]['input']>,
): Promise<Reply<z.output<Commands[E]['output']>>> {
  const { commands } = await import('../../shared/protocol/index.ts');
  const reply = (await socket.timeout(10_000).emitWithAck(name, input)) as Reply<z.output<Commands[E]['output']>>;
  if (reply.ok) commands[name].output.parse(reply.data);
  return reply;
}
