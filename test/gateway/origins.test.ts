import { expect, test } from 'vitest';
import { readConfig } from '../../server/app/config.ts';
import { originRule } from '../../server/app/origins.ts';

const shop = { NIGHTMARKET_PUBLIC_URL: 'https://shop.example' };
const app = { NIGHTMARKET_ALLOWED_ORIGINS: 'https://app.example' };

test.each([
  ['the address that the page came from', {}, 'http://192.168.1.7:8080', '192.168.1.7:8080', true],
  ['another program of this machine', {}, 'http://localhost:5173', '192.168.1.7:8080', true],
  ['another program of this machine, at a public server', shop, 'http://localhost:5173', 'inside:80', false],
  ['a name that begins like an address', {}, 'http://127.evil.example', '192.168.1.7:8080', false],
  ['somebody else', {}, 'https://evil.example', '192.168.1.7:8080', false],
  ['what is no origin', {}, 'null', 'localhost:8080', false],
  ['the public address', shop, 'https://shop.example', 'inside:80', true],
  ['the public name by another scheme', shop, 'http://shop.example', 'inside:80', false],
  ['an allowed one', app, 'https://app.example', 'inside:80', true],
])('a page of %s may call or not', (_what, settings, origin, host, allowed) => {
  expect(originRule(readConfig(settings))(origin, host)).toBe(allowed);
});
