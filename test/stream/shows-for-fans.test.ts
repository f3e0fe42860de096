import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createFanClubStore } from '../../server/features/fan-club/fan-clubs.pg.ts';
import { createWatchGrants } from '../../server/features/stream/watch-grants.ts';
import { offerTo } from '../../load-tests/scenarios/media/raw-sdp.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, openSocket, send, testSecrets } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { holdLook } from '../support/hold-look.ts';
import { startWrtc, type WrtcPeers } from '../media/support/wrtc.ts';
import { startMediaApp, streamKeyOf, watchGrantOf } from '../media/support/show.ts';

let app: App;
let wrtc: WrtcPeers;
const sockets: Socket[] = [];
beforeAll(async () => {
  wrtc = startWrtc();
  app = await startMediaApp(await freshStores());
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  wrtc.close();
  await app.close();
});

type FansShow = { roomId: string; clubId: string };

/** A live show for fans that is sent, with its host in the room. */
async function showForFans(): Promise<FansShow> {
  const host = await account(app);
  const { accessToken: token, person } = host;
  const clubId = person.personId;
  await call(app, 'PUT', `/api/fan-clubs/${clubId}`, { token, body: {} });
  const body = { title: 'Fans’ night', openTo: 'fans' };
  const { roomId } = (await call(app, 'POST', '/api/rooms', { token, body })).body.data;
  const socket = await openSocket(app, host);
  sockets.push(socket);
  expect(await send(socket, 'room:start', { roomId })).toMatchObject({ ok: true });
  expect(await send(socket, 'room:join', { roomId })).toMatchObject({ ok: true });
  const { whipUrl, streamKey } = await streamKeyOf(app, { roomId, host, token });
  await wrtc.run('publish', { url: whipUrl, token: streamKey });
  return { roomId, clubId };
}

async function fanOf({ clubId }: FansShow): Promise<Session> {
  const fan = await account(app);
  const joined = await call(app, 'POST', `/api/fan-clubs/${clubId}/join`, { token: fan.accessToken, body: {} });
  expect(joined.body).toMatchObject({ data: { outcome: 'joined' } });
  return fan;
}

const leave = ({ clubId }: FansShow, { accessToken: token }: Session) =>
  call(app, 'POST', `/api/fan-clubs/${clubId}/leave`, { token, body: {} });

const play = ({ whepUrl, token }: { whepUrl: string; token: string }) =>
  fetch(whepUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
    body: offerTo('recvonly').sdp,
  });

/** Somebody watches with a player and on the page: how each of these ends. */
async function watchesBothWays({ roomId }: FansShow, fan: Session) {
  const played = await play(await watchGrantOf(app, roomId, fan));
  expect(played.status).toBe(201);
  const player = new URL(played.headers.get('location')!, app.url);
  const socket = await openSocket(app, fan);
  sockets.push(socket);
  const page = new Promise((resolve) => socket.once('media:closed', ({ reason }) => resolve(reason)));
  expect(await send(socket, 'media:transport', { roomId, direction: 'watch' })).toMatchObject({ ok: true });
  const change = () =>
    fetch(player, { method: 'PATCH', headers: { 'content-type': 'application/trickle-ice-sdpfrag' }, body: 'a=x\r\n' });
  return {
    page,
    playerIsGone: async () => (await change()).status === 404,
    playerGoesOn: async () => (await change()).status !== 404,
  };
}

test('who is no fan gets no picture: on the page, by a grant, by a grant of their own make-up or of before; the refusal says why', async () => {
  const show = await showForFans();
  const { roomId } = show;
  const [fan, stranger] = [await fanOf(show), await account(app)];
  const ofBefore = await watchGrantOf(app, roomId, fan);
  await leave(show, fan);
  const grants = createWatchGrants({ secret: testSecrets.tokenSecret, nowMs: Date.now });
  const signed = { whepUrl: `${app.url}/whep/${roomId}`, ...grants.grant(roomId, stranger.person.personId) };

  for (const grant of [ofBefore, signed]) {
    const refused = await play(grant);
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { ok: false, error: { code: 'FORBIDDEN', reason: 'fans-only' } },
    ]);
  }
  const socket = await openSocket(app, stranger);
  sockets.push(socket);
  const ids = { roomId, sessionId: 'x'.repeat(32) };
  for (const reply of [
    await send(socket, 'media:status', { roomId }),
    await send(socket, 'media:capabilities', { roomId }),
    await send(socket, 'media:watch-grant', { roomId }),
    await send(socket, 'media:transport', { roomId, direction: 'watch' }),
    await send(socket, 'media:transport', { roomId, direction: 'publish' }),
    await send(socket, 'media:restart-ice', ids),
  ])
    expect(reply).toMatchObject({ ok: false, error: { code: 'FORBIDDEN', reason: 'fans-only' } });
});

test('what a fan watches ends with the membership at once, by player and on the page; what others watch goes on', async () => {
  const show = await showForFans();
  const [fan, other] = [await fanOf(show), await fanOf(show)];
  const [own, others] = [await watchesBothWays(show, fan), await watchesBothWays(show, other)];
  // The look that would find it out within seconds has to wait.
  const release = await holdLook(app, 'media rights');

  await leave(show, fan);

  expect(await own.page).toBe('not-allowed');
  await eventually(own.playerIsGone);
  expect(await others.playerGoesOn()).toBe(true);
  await release();
});

test(
  'it ends within seconds also when nobody was told: whoever ended the membership died',
  { timeout: 30_000 },
  async () => {
    const show = await showForFans();
    const fan = await fanOf(show);
    const own = await watchesBothWays(show, fan);

    await createFanClubStore(app.platform.db).leave(show.clubId, fan.person.personId, Date.now());
    const endedAtMs = performance.now();

    expect(await own.page).toBe('not-allowed');
    await eventually(own.playerIsGone, { deadlineMs: 10_000 });
    // A membership is believed for 3 s, and rights are looked at every 2 s.
    expect(performance.now() - endedAtMs).toBeLessThan(10_000);
  },
);
