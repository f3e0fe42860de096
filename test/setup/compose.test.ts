import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../server/app/config.ts';
import { settings } from '../../server/app/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const compose = read('docker-compose.yml');
const exampleNames = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);

/** What reads the file here: the plugin, or the program of before. */
const composeCommand = [['docker', 'compose'], ['docker-compose']].find(
  ([command, ...args]) => spawnSync(command!, [...args, 'version'], { stdio: 'ignore' }).status === 0,
);

/** `NAME: value` pairs of the settings in a part of the compose file, later ones last. */
const pairsIn = (text: string) => [
  ...text.matchAll(/^ +((?:NIGHTMARKET_\w+|NODE_ENV|DATABASE_URL|REDIS_URL)): (.+)$/gm),
];
const pairs = pairsIn(compose);
/** What a server is given, and the media process. */
const [forAll, forServers, forMedia] = compose.split(/^x-server:|^ {2}media:/m).map(pairsIn);

test('every setting in the compose file is one that the server knows', () => {
  expect(pairs.length).toBeGreaterThan(10);
  expect(pairs.map(([, name]) => name!).filter((name) => !Object.hasOwn(settings, name))).toEqual([]);
});

test('every value that the compose file asks for is in .env.example', () => {
  const asked = new Set([...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name));

  expect([...asked].sort()).toEqual([...new Set(exampleNames)].sort());
});

// The media process is given nothing of what the servers are given besides.
test.each([
  ['a server', [...forAll!, ...forServers!], { NIGHTMARKET_ROLES: ['gateway', 'worker'] }],
  ['the media process', forMedia, { NIGHTMARKET_ROLES: ['media'], NIGHTMARKET_MEDIA_PORT: 40_000 }],
])('%s accepts what it is given in production', (_, own, meant) => {
  const secret = 'f'.repeat(64);
  const given: Record<string, string> = {
    NIGHTMARKET_PUBLIC_URL: 'https://shop.example.org',
    NIGHTMARKET_PAYMENT_WEBHOOK_SECRET: `whsec_${secret}`,
    NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS: '203.0.113.7',
    NIGHTMARKET_OPERATORS: '',
    NIGHTMARKET_TRUSTED_PROXIES: '2',
    NIGHTMARKET_ICE_SERVERS: '',
    NIGHTMARKET_TURN_USERNAME: '',
    NIGHTMARKET_TURN_PASSWORD: '',
  };
  const fill = (value: string): string =>
    value.replace(/\$\{([A-Z_]+)[^}]*\}/g, (_all, name: string) => given[name] ?? secret);
  const environment = Object.fromEntries(own!.map(([, name, value]) => [name!, fill(value!)]));

  expect(readConfig(environment)).toMatchObject({ NODE_ENV: 'production', ...meant });
});

test('behind another proxy clients are told apart: ours passes on what it says, and the servers count it', () => {
  const caddy = read('deploy/Caddyfile');

  expect(caddy).toMatch(/^\{\n\tservers \{[^}]*trusted_proxies static \{\$TRUSTED_PROXY_RANGES\}/);
  expect(compose).toMatch(/TRUSTED_PROXY_RANGES: \$\{TRUSTED_PROXY_RANGES:-[\d./]+\}/);
  expect(compose).toContain('NIGHTMARKET_TRUSTED_PROXIES: ${NIGHTMARKET_TRUSTED_PROXIES:-1}');
});

test('the proxy goes by the health of a server alone, not by that of stores which all servers share', () => {
  expect(read('deploy/Caddyfile')).toContain('health_uri /healthz');
});

// Where there is no client, the tests above are all that can be said; the run then counts this one as skipped.
test.skipIf(!composeCommand)(
  'docker compose reads the file once the example is filled in, and refuses it before',
  () => {
    const [command, ...args] = composeCommand!;
    const config = (values: string) => {
      const file = join(temporaryFolder(), 'env');
      writeFileSync(file, values);
      return spawnSync(command!, [...args, '--env-file', file, 'config', '--quiet'], { encoding: 'utf8' });
    };
    const example = read('.env.example');

    expect(config(example).stderr).toContain('set it in .env');
    expect(config(example.replaceAll(/^(\w+)=$/gm, `$1=${'f'.repeat(64)}`))).toMatchObject({ status: 0, stderr: '' });
  },
);
