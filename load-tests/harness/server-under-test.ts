import pg from 'pg';
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

/** Somebody of the load: a row in the database and a token signed with the server's secret, since asking for thousands would meet its limits. */
export type LoadPerson = { personId: string; accessToken: string };
type PersonKind = 'guest' | 'account';

/** Nightmarket as a program of its own. */
export type ServerUnderTest = Program & {
  /** CPU time of all processes of the server; the databases are not in it. */
  cpuMs(): number;
  storesCpu(): StoreCpu;
  /** People who were not there before; guests unless told otherwise. */
  people(count: number, kind?: PersonKind): Promise<LoadPerson[]>;
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
    async people(count, kind = 'guest') {
      const people = Array.from({ length: count }, () => person(tokens, kind));
      await store(databaseUrl, kind, people);
      return people;
    },
  };
}

function person(tokens: ReturnType<typeof createAccessTokens>, kind: PersonKind): LoadPerson {
  const personId = newId();
  const claims = { personId, kind, name: displayName, roles: [], sessionId: newId() };
  return { personId, accessToken: tokens.sign(claims).accessToken };
}

const displayName = 'Guest 1234';
const insertPeople = `
  INSERT INTO people (person_id, kind, display_name, email)
  SELECT person_id, $2, $3, CASE $2 WHEN 'account' THEN person_id || '@example.test' END
  FROM unnest($1::uuid[]) AS person_id`;

async function store(databaseUrl: string, kind: PersonKind, people: readonly LoadPerson[]): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query(insertPeople, [people.map(({ personId }) => personId), kind, displayName]);
  } finally {
    await client.end();
  }
}
