import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { readConfig, redacted, ConfigError } from '../../server/app/config.ts';
import { mediaAddresses, relayListenInfo } from '../../server/app/network-addresses.ts';
import { configurationPage } from '../../server/app/configuration-page.ts';

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://shop:secret@db/shop',
  REDIS_URL: 'redis://cache',
  NIGHTMARKET_TOKEN_SECRET: 'x'.repeat(32),
  NIGHTMARKET_PAYMENT_WEBHOOK_SECRET: 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cywgbG9uZw==',
  NIGHTMARKET_PUBLIC_URL: 'https://live.example.test',
};

function problemsOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('these settings were accepted');
}

describe('settings', () => {
  test('nothing has to be set', () => {
    expect(readConfig({})).toMatchObject({ PORT: 8080, NIGHTMARKET_ROLES: ['gateway', 'worker', 'media'] });
  });

  test('every problem is named at once', () => {
    const problems = problemsOf({
      PORT: 'high',
      DATABASE_URL: 'mysql://x',
      NIGHTMARKET_PROT: '1',
      NIGHTMARKET_ROLES: 'gateway,cook',
    });

    for (const name of ['PORT', 'DATABASE_URL', 'NIGHTMARKET_PROT', 'NIGHTMARKET_ROLES'])
      expect(problems).toContain(`- ${name}: `);
  });

  test('what settings need of each other is named along with what is wrong in one', () => {
    const problems = problemsOf({
      NODE_ENV: 'production',
      DATABASE_URL: 'mysql://x',
      NIGHTMARKET_ROLES: 'gateway, cook',
      NIGHTMARKET_JWKS_URL: 'https://id.example.test/keys',
    });

    expect(problems.match(/- DATABASE_URL: .*/g)).toEqual(['- DATABASE_URL: must be an address, postgres://…']);
    expect(problems).toContain('- NIGHTMARKET_ROLES: entry 2: must be one of "gateway", "worker", "media"');
    for (const name of ['REDIS_URL', 'NIGHTMARKET_JWKS_ISSUER', 'NIGHTMARKET_TOKEN_SECRET'])
      expect(problems).toContain(`- ${name}: must be set`);
  });

  test.each([' ', '0x1F90', '1e3', '+5', '80.0', '99999'])('"%s" is no port', (text) => {
    expect(problemsOf({ PORT: text })).toContain('- PORT: must be');
  });

  test('a secret is never shown, in a problem or in a log line', () => {
    const shortSecret = problemsOf({ NIGHTMARKET_TOKEN_SECRET: 'hunter2' });
    const shown = JSON.stringify(redacted(readConfig(production)));

    expect(shortSecret).not.toContain('hunter2');
    expect(shown).not.toContain('secret@db');
    expect(shown).not.toContain('x'.repeat(32));
  });

  test.each([
    ['none', []],
    ['30, 5', [30, 5]],
    ['', [1_440, 60, 5]],
  ])('reminders at "%s" minutes', (text, minutes) => {
    const read = readConfig({ NIGHTMARKET_REMINDER_MINUTES: text });
    expect(read.NIGHTMARKET_REMINDER_MINUTES).toEqual(minutes);
  });

  test('an empty text is not set, as compose files write it', () => {
    expect(readConfig({ DATABASE_URL: '', NIGHTMARKET_JWKS_URL: '' }).DATABASE_URL).toBeUndefined();
  });

  test.each(Object.keys(production).filter((name) => name !== 'NODE_ENV'))(
    'production does not start without %s',
    (name) => {
      expect(problemsOf({ ...production, [name]: '' })).toContain(`- ${name}: must be set`);
    },
  );

  test.each([
    ['NIGHTMARKET_MEDIA_URL: must be set for a gateway', { ...production, NIGHTMARKET_ROLES: 'gateway,worker' }],
    [
      'NIGHTMARKET_MEDIA_URL: is for gateways',
      { NIGHTMARKET_ROLES: 'media', NIGHTMARKET_MEDIA_URL: 'http://media', NIGHTMARKET_MEDIA_TOKEN: 'x'.repeat(32) },
    ],
    ['NIGHTMARKET_MEDIA_TOKEN: must be set', { NIGHTMARKET_MEDIA_URL: 'http://media' }],
    ['NIGHTMARKET_MEDIA_TOKEN: must be set', { NIGHTMARKET_MEDIA_EDGES: 'http://edge' }],
    ['NIGHTMARKET_MEDIA_TOKEN: must be set', { NODE_ENV: 'production', NIGHTMARKET_ROLES: 'media' }],
    ['NIGHTMARKET_MEDIA_URL: must have nothing behind', { NIGHTMARKET_MEDIA_URL: 'http://me:secret@media' }],
    ['NIGHTMARKET_MEDIA_URL: must have nothing behind', { NIGHTMARKET_MEDIA_URL: 'http://media/some/where' }],
    [
      'NIGHTMARKET_MEDIA_EDGES: is for the media process that gateways know',
      {
        NIGHTMARKET_MEDIA_EDGES: 'http://edge',
        NIGHTMARKET_MEDIA_URL: 'http://media',
        NIGHTMARKET_MEDIA_TOKEN: 'x'.repeat(32),
      },
    ],
    [
      'NIGHTMARKET_MEDIA_EDGES: entry 1: must have nothing behind',
      { NIGHTMARKET_MEDIA_EDGES: 'http://me:secret@edge' },
    ],
    ['NIGHTMARKET_MEDIA_EDGES: entry 2: must be an address', { NIGHTMARKET_MEDIA_EDGES: 'http://edge, 10.0.0.5:3000' }],
    ['NIGHTMARKET_MEDIA_EDGES: must be different', { NIGHTMARKET_MEDIA_EDGES: 'http://Edge:80, http://edge' }],
    ['NIGHTMARKET_MEDIA_EDGES: must be different', { NIGHTMARKET_MEDIA_EDGES: 'http://edge/, http://edge' }],
    ['NIGHTMARKET_MEDIA_RELAY_PORTS: must be two ports', { NIGHTMARKET_MEDIA_RELAY_PORTS: '42999-42000' }],
    [
      'NIGHTMARKET_MEDIA_RELAY_PORTS: must be others',
      {
        NIGHTMARKET_MEDIA_RELAY_PORTS: '42003-42999',
        NIGHTMARKET_MEDIA_PORT: '42000',
        NIGHTMARKET_MEDIA_WORKERS: '4',
      },
    ],
    [
      'NIGHTMARKET_JWKS_URL: must be set when NIGHTMARKET_JWKS_ISSUER is',
      { NIGHTMARKET_JWKS_ISSUER: 'https://id.test' },
    ],
    [
      'NIGHTMARKET_JWKS_URL: must be https',
      {
        ...production,
        NIGHTMARKET_JWKS_URL: 'http://id.test/keys',
        NIGHTMARKET_JWKS_ISSUER: 'https://id.test',
        NIGHTMARKET_JWKS_AUDIENCE: 'shop',
      },
    ],
    ['NIGHTMARKET_TURN_PASSWORD: user name and password are set together', { NIGHTMARKET_TURN_USERNAME: 'shop' }],
    ['NIGHTMARKET_TURN_USERNAME: user name and password are set together', { NIGHTMARKET_TURN_PASSWORD: 'secret' }],
    [
      'NIGHTMARKET_TURN_SECRET: makes user names itself',
      { NIGHTMARKET_TURN_SECRET: 's', NIGHTMARKET_TURN_USERNAME: 'shop', NIGHTMARKET_TURN_PASSWORD: 'secret' },
    ],
  ])('settings that do not go together are refused: %s', (problem, environment: Record<string, string>) => {
    expect(problemsOf(environment)).toContain(`- ${problem}`);
  });

  test('production starts with all of them', () => {
    expect(readConfig(production).NODE_ENV).toBe('production');
  });

  test('production needs no database and no other secret for a process with the role media alone', () => {
    const media = { NODE_ENV: 'production', NIGHTMARKET_ROLES: 'media', NIGHTMARKET_MEDIA_TOKEN: 'x'.repeat(32) };

    expect(readConfig(media).DATABASE_URL).toBeUndefined();
    expect(problemsOf({ ...media, NIGHTMARKET_ROLES: 'media,worker' })).toContain('- DATABASE_URL: must be set');
  });

  test('media listens where the gateway is reached: phones do not reach the machine’s own address, and Firefox does not even try', () => {
    const addressesOf = (environment: Record<string, string>) => mediaAddresses(readConfig(environment));
    const inNetworks = Object.values(networkInterfaces()).flatMap((all = []) =>
      all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
    );

    const everywhere = addressesOf({});
    expect(everywhere).toHaveLength(Math.min(inNetworks.length, 4) + 1);
    expect([...inNetworks, '127.0.0.1']).toEqual(expect.arrayContaining(everywhere));
    expect(everywhere.at(-1)).toBe('127.0.0.1');
    expect(addressesOf({ NIGHTMARKET_HOST: '127.0.0.1' })).toEqual(['127.0.0.1']);
    expect(addressesOf({ NIGHTMARKET_HOST: '192.0.2.7' })).toEqual(['192.0.2.7', '127.0.0.1']);
    expect(addressesOf({ NIGHTMARKET_MEDIA_LISTEN_IP: '127.0.0.1' })).toEqual(['127.0.0.1']);
    expect(addressesOf({ NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS: '203.0.113.7' })).toEqual(['0.0.0.0']);
  });

  test('media is reached by other media servers at one address, under which it listens where it is its own', () => {
    const relayAt = (settings: Record<string, string>) => relayListenInfo(readConfig(settings));
    const elsewhere = { ip: '0.0.0.0', announcedAddress: '203.0.113.7' };
    expect(relayAt({ NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS: '203.0.113.7' })).toEqual({ protocol: 'udp', ...elsewhere });
    expect(relayAt({ NIGHTMARKET_MEDIA_RELAY_IP: '127.0.0.1', NIGHTMARKET_MEDIA_RELAY_PORTS: '42000-42099' })).toEqual({
      protocol: 'udp',
      ip: '127.0.0.1',
      portRange: { min: 42_000, max: 42_099 },
    });
    const named = relayAt({ NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS: 'media.example' });
    expect(named).not.toHaveProperty('announcedAddress');
    expect(named.ip).not.toBe('0.0.0.0');
  });

  test('docs/configuration.md says what the settings say', async () => {
    expect(await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationPage());
  });
});
