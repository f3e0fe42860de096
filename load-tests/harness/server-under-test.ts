import { newId } from '../../shared/ids.ts';
import { createAccessTokens } from '../../server/features/identity/access-tokens.ts';
import { cpuMsOf } from './cpu.ts';
import { startProgram, type Program } from './program.ts';
import { watchStores, type StoreCpu, type Stores } from './stores.ts';

export type ServerOptions = {
  /** Settings as in docs/configuration.md, beyond those of a load run. */
  settings?: Record<string, string>;
  nodeFlags?: readonly string[];
};

/** Who a load socket is: tokens are signed with the server's secret, since asking for thousands would meet its limits. */
export type LoadPerson = { personId: string; accessToken: string };

/** Nightmarket as a program of its own. */
export type ServerUnderTest = Program & {
  /** CPU time of all processes of the server; the databases are not in it. */
  cpuMs(): number;
  storesCpu(): StoreCpu;
  /** Guests who need no row in the database. */
  people(count: number): Promise<LoadPerson[]>;
};

const tokenSecret = 'a secret of the load tests, long enough to be one';
/** As long as the longest run, so that no socket is ended in the middle of one. */
const accessTokenSeconds = 3_600;

export async function startServer(
  { databaseUrl, redisUrl }: Pick<Stores, 'databaseUrl' | 'redisUrl'>,
  { settings = {}, nodeFlags = [] }: ServerOptions = {},
): Promise<ServerUnderTest> {
  const program = await startProgram({
    file: new URL('../../server/main.ts', import.meta.url),
    nodeFlags,
    env: {
      NODE_ENV: 'test',
      PORT: '0',
      NIGHTMARKET_HOST: '127.0.0.1',
      NIGHTMARKET_ROLES: 'gateway,worker',
      NIGHTMARKET_LOG_LEVEL: 'warn',
      NIGHTMARKET_PAGES: 'false',
      NIGHTMARKET_TOKEN_SECRET: tokenSecret,
      NIGHTMARKET_ACCESS_TOKEN_SECONDS: `${accessTokenSeconds}`,
      NIGHTMARKET_SOCKETS_MAX: '100000',
      NIGHTMARKET_SOCKETS_PER_ADDRESS_MAX: '100000',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      ...settings,
    },
  });
  const storesCpu = await watchStores({ databaseUrl, redisUrl });
  const tokens = createAccessTokens({ secret: tokenSecret, lifeSeconds: accessTokenSeconds, nowMs: Date.now });
  return {
    ...program,
    cpuMs: () => cpuMsOf(program.pid),
    storesCpu,
    people: (count) => Promise.all(Array.from({ length: count }, (_, index) => person(tokens, index))),
  };
}

async function person(tokens: ReturnType<typeof createAccessTokens>, index: number): Promise<LoadPerson> {
  const personId = newId();
  const claims = { personId, kind: 'guest' as const, name: `Guest ${index}`, roles: [], sessionId: newId() };
  return { personId, accessToken: (await tokens.sign(claims)).accessToken };
}
