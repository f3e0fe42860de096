import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { iceLinks, iceServersFor } from '../../server/features/stream/ice-servers.ts';
import { newId } from '../../shared/ids.ts';
import { openDoor, startSfu } from '../media/support/sfu.ts';
import { coturn, startTurnServer } from '../media/support/turn-server.ts';
import { startWrtc } from '../media/support/wrtc.ts';
import { eventually } from '../support/eventually.ts';

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

test.skipIf(coturn === null)(
  `coturn${coturn === null ? ', which is not installed here and so is not tried,' : ''} lets in who has a name of now, and carries what they send`,
  { timeout: 40_000 },
  async () => {
    const secret = 'of coturn';
    const turn = await startTurnServer(coturn!, secret);
    const wrtc = startWrtc();
    onTestFinished(() => (wrtc.close(), turn.close()));
    const serversBy = (by: string, atMs = Date.now()) =>
      iceServersFor('ana', { urls: [turn.url], turn: { secret: by } }, atMs);
    const places = (iceServers: unknown) => wrtc.run('relays', { iceServers });

    expect(await places(serversBy(secret))).toBeGreaterThan(0);
    expect(await places(serversBy(secret, Date.now() - 13 * 3_600_000)), 'with a name that has ended').toBe(0);
    expect(await places(serversBy('of another'))).toBe(0);

    const { sfu, events, close } = await startSfu();
    const roomId = newId();
    const door = await openDoor(sfu, roomId);
    onTestFinished(() => (door.close(), close()));
    const id = await wrtc.run('publish', { url: door.whip, token: 'any', iceServers: serversBy(secret) });
    await eventually(() => events.some(({ type }) => type === 'flowing'), { deadlineMs: 15_000 });
    expect(await wrtc.run('way', { id })).toBe('relay');
  },
);
