import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { iceLinks, iceServersFor } from '../../server/features/stream/ice-servers.ts';

const urls = ['stun:stun.example.test', 'turns:turn.example.test?transport=tcp'];
const nowMs = 1_000_000;

test('TURN servers by a shared secret get a name that ends, and what coturn makes of it', () => {
  const [stun, turn] = iceServersFor('ana', { urls, turn: { secret: 'of coturn' } }, nowMs);
  const username = `${1_000 + 12 * 3_600}:ana`;
  const credential = createHmac('sha1', 'of coturn').update(username).digest('base64');

  expect(stun).toEqual({ urls: [urls[0]] });
  expect(turn).toEqual({ urls: [urls[1]], username, credential });
});

test('TURN servers with one user get that one; what is told in a header can not leave its quotes', () => {
  const servers = iceServersFor('ana', { urls, turn: { username: 'shop', password: 'a"b\\c' } }, nowMs);

  expect(servers[1]).toEqual({ urls: [urls[1]], username: 'shop', credential: 'a"b\\c' });
  expect(iceLinks(servers)).toEqual([
    '<stun:stun.example.test>; rel="ice-server"',
    '<turns:turn.example.test?transport=tcp>; rel="ice-server"; username="shop"; credential="a\\"b\\\\c"; credential-type="password"',
  ]);
});

test('without either they are handed out as they are', () => {
  expect(iceServersFor('ana', { urls, turn: null }, nowMs)).toEqual(urls.map((url) => ({ urls: [url] })));
});
