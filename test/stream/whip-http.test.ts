import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Room, RoomFrame } from '../../shared/protocol/room.ts';
import { inTransaction } from '../../server/platform/postgres.ts';
import { account, call, freshStores, guest, openSocket, send } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { offerOf } from '../media/support/offers.ts';
import { scheduleShow, startMediaApp, stateOf, streamKeyOf, watchGrantOf, type Show } from '../media/support/show.ts';
import { startWrtc, type WrtcPeers } from '../media/support/wrtc.ts';

const chromium = offerOf('chromium-156-publish');
const watching = offerOf('chromium-156-watch');
const sdp = 'application/sdp';
const fragmentType = 'application/trickle-ice-sdpfrag';
const turnSecret = 'the secret of a coturn';

describe('WHIP and WHEP over HTTP', () => {
  let app: App;
  let wrtc: WrtcPeers;
  let show: Show;
  let key: { streamKey: string; whipUrl: string };

  beforeAll(async () => {
    const settings = {
      NIGHTMARKET_ICE_SERVERS: 'stun:stun.example.test,turn:turn.example.test',
      NIGHTMARKET_TURN_SECRET: turnSecret,
    };
    app = await startMediaApp(await freshStores(), { settings });
    wrtc = startWrtc();
    show = await scheduleShow(app);
    key = await streamKeyOf(app, show);
  });
  afterAll(async () => {
    wrtc.close();
    await app.close();
  });

  const post = (url: string, token: string | null, body: string, type = sdp) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': type, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body,
    });
  const codeOf = async (response: Response) => [response.status, ((await response.json()) as any).error.code];
  const patch = (session: string, user: string, ifMatch?: string, type = fragmentType) =>
    fetch(session, {
      method: 'PATCH',
      headers: { 'content-type': type, ...(ifMatch ? { 'if-match': ifMatch } : {}) },
      body: `a=ice-ufrag:${user}\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=end-of-candidates\r\n`,
    });
  const ufragOf = (offer: string): string => /a=ice-ufrag:(.+)\r\n/.exec(offer)![1]!;

  test('an offer is answered with a session: Location, ETag, ICE servers with limited credentials', async () => {
    const response = await post(key.whipUrl, key.streamKey, chromium);
    const answer = await response.text();

    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe(sdp);
    expect(response.headers.get('location')).toMatch(new RegExp(`^/whip/${show.roomId}/[\\w-]{32}$`));
    expect(response.headers.get('etag')).toMatch(/^"\w+"$/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const links = response.headers.get('link') ?? '';
    expect(links).toContain('<stun:stun.example.test>; rel="ice-server"');
    expect(links).toMatch(/<turn:turn\.example\.test>; rel="ice-server"; username="\d+:[\w-]+"; credential="[\w+/]+="/);
    expect(answer).toContain('a=ice-lite');
    expect(answer).toContain('a=simulcast:recv q;h;f');
    expect(answer).toMatch(/^a=fmtp:111 (?=.*useinbandfec=1)(?=.*usedtx=1)/m);
    expect(answer).toContain('a=setup:passive');
  });

  test('trickle is taken with and without an ETag; other credentials restart ICE; a stale ETag is refused', async () => {
    const made = await post(key.whipUrl, key.streamKey, chromium);
    const session = new URL(made.headers.get('location')!, app.url).href;
    const ufrag = ufragOf(chromium);

    const etag = made.headers.get('etag')!;
    expect((await patch(session, ufrag, etag)).status).toBe(204);
    expect((await patch(session, ufrag)).status).toBe(204);
    expect((await patch(session, ufrag, `"of another", ${etag}`)).status).toBe(204);
    expect(await codeOf(await patch(session, ufrag, '"of another"'))).toEqual([412, 'STALE_ETAG']);
    const restarted = await patch(session, 'another', '*');
    expect(restarted.status).toBe(200);
    expect(restarted.headers.get('content-type')).toBe(fragmentType);
    expect(await restarted.text()).toMatch(/a=ice-ufrag:\w+\r\na=ice-pwd:\w+\r\n/);
    expect(restarted.headers.get('etag')).not.toBe(etag);
    expect((await patch(session, ufrag, etag)).status).toBe(412);
    expect((await patch(session, 'another', etag)).status).toBe(200); // The same once more: its answer may have been lost.
    expect((await patch(session, 'third', undefined)).status).toBe(200);
    // Names are kept, so they have a length; and each restart costs a worker a call.
    expect(await codeOf(await patch(session, 'x'.repeat(257)))).toEqual([400, 'BAD_INPUT']);
    const restarts = await Promise.all(Array.from({ length: 30 }, (_, i) => patch(session, `name-${i}`)));
    expect(new Set(restarts.map(({ status }) => status))).toEqual(new Set([200, 429]));
    const { error } = (await restarts.find(({ status }) => status === 429)!.json()) as any;
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(error.retryAfterMs).toSatisfy(Number.isInteger);
  });

  test('a session is ended by DELETE, once, and its host learns of it', async () => {
    const live = await scheduleShow(app);
    const own = await streamKeyOf(app, live);
    const made = await post(own.whipUrl, own.streamKey, chromium);
    const session = new URL(made.headers.get('location')!, app.url).href;

    expect((await fetch(session, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(404);
    // And its host can see why.
    const info = () => call(app, 'GET', `/api/rooms/${live.roomId}/stream-key`, { token: live.token });
    const lastEnd = async () => (await info()).body.data.streamKey.lastEnd;
    await eventually(async () => (await lastEnd())?.reason === 'left');
    // Until the program sends again.
    const id = await wrtc.run('publish', { url: own.whipUrl, token: own.streamKey });
    await eventually(async () => (await lastEnd()) === null, { deadlineMs: 15_000 });
    await wrtc.run('stop', { id, token: own.streamKey });
  });

  const ways = ['whip', 'whep'] as const;
  const endpointOf = (way: (typeof ways)[number]): string => `${app.url}/${way}/${show.roomId}`;

  test.each(ways)(
    'OPTIONS of %s says what can be posted, and lets pages of any origin do all there is',
    async (way) => {
      for (const [url, method, accepted] of [
        [endpointOf(way), 'POST', sdp],
        [`${endpointOf(way)}/of-somebody`, 'PATCH', null],
      ] as const) {
        const response = await fetch(url, {
          method: 'OPTIONS',
          headers: { origin: 'https://elsewhere.example', 'access-control-request-method': method },
        });

        const { headers } = response;
        expect(response.status).toBe(204);
        expect(headers.get('accept-post')).toBe(accepted);
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('access-control-allow-methods')).toContain(method);
        for (const name of ['Authorization', 'Content-Type', 'If-Match'])
          expect(headers.get('access-control-allow-headers')).toContain(name);
        for (const name of ['Location', 'ETag', 'Link', 'Retry-After'])
          expect(headers.get('access-control-expose-headers')).toContain(name);
      }
    },
  );

  test.each(ways)('every other method of %s is refused, and those that are named instead work', async (way) => {
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
    for (const [url, allowed] of [
      [endpointOf(way), ['POST', 'OPTIONS']],
      [`${endpointOf(way)}/of-somebody`, ['PATCH', 'DELETE', 'OPTIONS']],
    ] as const) {
      const refused = methods.filter((method) => !(allowed as readonly string[]).includes(method));
      for (const method of refused) {
        const response = await fetch(url, { method });
        expect([method, response.status]).toEqual([method, 405]);
        expect(response.headers.get('allow')).toBe(allowed.join(', '));
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
        if (method !== 'HEAD') expect(await codeOf(response)).toEqual([405, 'METHOD_NOT_ALLOWED']);
      }
      for (const method of allowed) expect((await fetch(url, { method })).status, method).not.toBe(405);
    }
  });

  test('a page of any origin reads why it is refused, also where no route answers', async () => {
    const response = await fetch(`${key.whipUrl}/%00%ff`, { method: 'PATCH' });

    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([400, '*']);
  });

  test.each(ways)('what is wrong with a change of a session of %s is refused with a reason', async (way) => {
    const nobodys = `${endpointOf(way)}/of-nobody`;

    for (const ifMatch of [undefined, '"a tag"', '*'])
      expect(await codeOf(await patch(nobodys, 'user', ifMatch))).toEqual([404, 'NOT_FOUND']);
    expect(await codeOf(await fetch(nobodys, { method: 'DELETE' }))).toEqual([404, 'NOT_FOUND']);
    expect(await codeOf(await patch(nobodys, 'user', undefined, sdp))).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const grant = await watchGrantOf(app, show.roomId, show.host);
    const token = way === 'whip' ? key.streamKey : grant.token;
    expect(await codeOf(await post(endpointOf(way), token, 'hello'))).toEqual([400, 'BAD_INPUT']);
    expect(await codeOf(await post(endpointOf(way), token, '{}', 'application/json'))).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
  });

  test('what is wrong is refused with a reason', async () => {
    const other = await scheduleShow(app);
    const noCodec = chromium.replaceAll(/VP8|VP9|H264|AV1/g, 'H261');

    expect(await codeOf(await post(key.whipUrl, key.streamKey, 'hello'))).toEqual([400, 'BAD_INPUT']);
    expect(await codeOf(await post(key.whipUrl, null, chromium))).toEqual([401, 'UNAUTHENTICATED']);
    expect(await codeOf(await post(key.whipUrl, 'nmk_wrong', chromium))).toEqual([401, 'UNAUTHENTICATED']);
    const elsewhere = `${app.url}/whip/${other.roomId}`;
    expect(await codeOf(await post(elsewhere, key.streamKey, chromium))).toEqual([403, 'FORBIDDEN']);
    expect(await codeOf(await post(key.whipUrl, key.streamKey, noCodec))).toEqual([406, 'CODECS_REFUSED']);
    expect(await codeOf(await post(key.whipUrl, key.streamKey, '{}', 'application/json'))).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
    const noMux = chromium.replaceAll('a=rtcp-mux\r\n', '');
    expect(await codeOf(await post(key.whipUrl, key.streamKey, noMux))).toEqual([422, 'OFFER_REFUSED']);
    const large = 'v=0\r\n'.padEnd(10_000_000, 'x');
    expect(await codeOf(await post(key.whipUrl, key.streamKey, large))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  test('fifty bodies of 10 MB at once, announced or not, are refused, fill no memory, and a session opens beside them', async () => {
    const made = await post(key.whipUrl, key.streamKey, chromium);
    const session = new URL(made.headers.get('location')!, app.url).href;
    const ways = [
      { url: key.whipUrl, method: 'POST', type: sdp },
      { url: `${app.url}/whep/${show.roomId}`, method: 'POST', type: sdp },
      { url: session, method: 'PATCH', type: fragmentType },
    ];
    const before = process.memoryUsage().rss;
    let most = before;
    const measuring = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 10);

    const bodies = Array.from({ length: 50 }, (_, i) => sendLarge(ways[i % ways.length]!, i % 2 === 0));
    const beside = await post(key.whipUrl, key.streamKey, chromium);

    expect(beside.status).toBe(201);
    expect(new Set(await Promise.all(bodies))).toEqual(new Set([413]));
    clearInterval(measuring);
    // All of them together are 500 MB.
    expect((most - before) / 1_000_000).toBeLessThan(200);
  });

  test('watching needs a grant for this room, and somebody who publishes', async () => {
    const quiet = await scheduleShow(app);
    const viewer = await guest(app);
    const grant = await watchGrantOf(app, quiet.roomId, quiet.host);

    expect(await codeOf(await post(`${app.url}/whep/${quiet.roomId}`, null, watching))).toEqual([
      401,
      'UNAUTHENTICATED',
    ]);
    expect(await codeOf(await post(`${app.url}/whep/${quiet.roomId}`, viewer.accessToken, watching))).toEqual([
      401,
      'UNAUTHENTICATED',
    ]);
    expect(await codeOf(await post(`${app.url}/whep/${show.roomId}`, grant.token, watching))).toEqual([
      403,
      'FORBIDDEN',
    ]);
    const early = await post(grant.whepUrl, grant.token, watching);
    expect([early.status, early.headers.get('retry-after')]).toEqual([409, '2']);
    const { error } = (await early.json()) as any;
    expect(error).toMatchObject({ code: 'CONFLICT', retryable: true, retryAfterMs: 2_000 });
  });

  test('a player gets a session, trickles and leaves; one without a common codec is told so', async () => {
    const live = await scheduleShow(app);
    const own = await streamKeyOf(app, live);
    const id = await wrtc.run('publish', { url: own.whipUrl, token: own.streamKey });
    await eventually(async () => (await stateOf(app, live)) === 'live', { deadlineMs: 15_000 });
    const grant = await watchGrantOf(app, live.roomId, await guest(app));

    const made = await post(grant.whepUrl, grant.token, watching);
    const session = new URL(made.headers.get('location')!, app.url).href;
    const trickled = await fetch(session, {
      method: 'PATCH',
      headers: { 'content-type': fragmentType, 'if-match': made.headers.get('etag')! },
      body: /a=ice-ufrag:.+\r\na=ice-pwd:.+\r\n/.exec(watching)![0],
    });
    const etag = made.headers.get('etag')!;
    const restarted = await patch(session, 'another', etag);
    const [stale, again] = [await patch(session, 'third', etag), await patch(session, 'third')];
    const noCodec = watching.replaceAll(/VP8|VP9|H264|AV1|opus/gi, 'unknown');

    expect(restarted.status).toBe(200);
    expect(restarted.headers.get('etag')).toMatch(/^"\w+"$/);
    expect(restarted.headers.get('etag')).not.toBe(etag);
    expect(await codeOf(stale)).toEqual([412, 'STALE_ETAG']);
    expect(again.status).toBe(200); // As OBS asks.
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toMatch(new RegExp(`^/whep/${live.roomId}/[\\w-]{32}$`));
    expect(trickled.status).toBe(204);
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(404);
    expect(await codeOf(await post(grant.whepUrl, grant.token, noCodec))).toEqual([406, 'CODECS_REFUSED']);
    expect(await codeOf(await post(grant.whepUrl, grant.token, chromium))).toEqual([422, 'OFFER_REFUSED']);
    await wrtc.run('stop', { id, token: own.streamKey });
  });

  test('a revoked key has dropped its publisher when the answer comes, and works no more', async () => {
    const live = await scheduleShow(app);
    const own = await streamKeyOf(app, live);
    const id = await wrtc.run('publish', { url: own.whipUrl, token: own.streamKey });
    await eventually(async () => (await stateOf(app, live)) === 'live', { deadlineMs: 15_000 });

    await call(app, 'DELETE', `/api/rooms/${live.roomId}/stream-key`, { token: live.token });

    expect(await publishersOf(live)).toBe(0);
    expect((await post(own.whipUrl, own.streamKey, chromium)).status).toBe(401);
    await eventually(async () => (await stateOf(app, live)) === 'paused', { deadlineMs: 15_000 });
    await wrtc.run('stop', { id, token: own.streamKey }).catch(() => undefined);
  });

  test('a key that is revoked while an offer made with it is on its way lets nobody in', async () => {
    const live = await scheduleShow(app);
    const own = await streamKeyOf(app, live);
    const keyUrl = `/api/rooms/${live.roomId}/stream-key`;
    const isUsed = async () => {
      const { body } = await call(app, 'GET', keyUrl, { token: live.token });
      return body.data.streamKey.lastUsedAtMs !== null;
    };
    // The offer waits behind the look at its key for what is read of its publisher next.
    const { posted } = await inTransaction(app.platform.db, async (client) => {
      const lock = `SELECT pg_advisory_xact_lock(hashtextextended('muted ' || $1 || ' ' || $2, 0))`;
      await client.query(lock, [live.roomId, live.host.person.personId]);
      const waiting = post(own.whipUrl, own.streamKey, chromium);
      await eventually(isUsed);
      await call(app, 'DELETE', keyUrl, { token: live.token });
      return { posted: waiting };
    });

    expect(await codeOf(await posted)).toEqual([401, 'UNAUTHENTICATED']);
    const { body: figures } = await call(app, 'GET', '/metrics');
    expect(String(figures)).not.toContain(`nightmarket_media_sessions{room="${live.roomId}"`);
  });

  test('a new key ends whoever sends with the old one, and only the new one is let in', async () => {
    const live = await scheduleShow(app);
    const old = await streamKeyOf(app, live);
    const id = await wrtc.run('publish', { url: old.whipUrl, token: old.streamKey });
    await eventually(async () => (await stateOf(app, live)) === 'live', { deadlineMs: 15_000 });

    const renewed = await streamKeyOf(app, live);

    expect(await publishersOf(live)).toBe(0);
    expect((await post(old.whipUrl, old.streamKey, chromium)).status).toBe(401);
    const again = await wrtc.run('publish', { url: renewed.whipUrl, token: renewed.streamKey });
    await eventually(async () => (await publishersOf(live)) === 1);
    await wrtc.run('stop', { id, token: old.streamKey }).catch(() => undefined);
    await wrtc.run('stop', { id: again, token: renewed.streamKey });
  });

  test('the same key from another place takes over; the room stays live', async () => {
    const live = await scheduleShow(app);
    const own = await streamKeyOf(app, live);
    const first = await wrtc.run('publish', { url: own.whipUrl, token: own.streamKey });
    await eventually(async () => (await stateOf(app, live)) === 'live', { deadlineMs: 15_000 });

    const socket = await openSocket(app, live.host);
    const told: string[] = [];
    socket.on('room:frame', ({ entries }: RoomFrame) =>
      told.push(...entries.map(({ kind, body }) => (kind === 'room:changed' ? (body as Room).state : kind))),
    );
    await send(socket, 'room:join', { roomId: live.roomId });
    const second = await wrtc.run('publish', { url: own.whipUrl, token: own.streamKey });

    // A machine that holds it up for seconds between its handshake and its first packet makes a pause of it, and rightly so:
    // that there is none otherwise is tried where no time passes (test/media/sfu.test.ts).
    await eventually(() => told.some((each) => ['room:stream-taken-over', 'live'].includes(each)), {
      deadlineMs: 15_000,
    });
    expect(told).not.toContain('ended');
    await eventually(async () => (await publishersOf(live)) === 1);
    const info = await call(app, 'GET', `/api/rooms/${live.roomId}/stream-key`, { token: live.token });
    expect(info.body.data.streamKey.lastEnd, 'of a key that sends').toBeNull();
    for (const id of [first, second]) await wrtc.run('stop', { id, token: own.streamKey });
    socket.close();
  });

  test('an ended show is neither published to nor watched', async () => {
    const over = await scheduleShow(app);
    const own = await streamKeyOf(app, over);
    const grant = await watchGrantOf(app, over.roomId, over.host);
    await call(app, 'POST', `/api/rooms/${over.roomId}/start`, { token: over.token, body: {} });
    await call(app, 'POST', `/api/rooms/${over.roomId}/end`, { token: over.token, body: {} });

    expect(await codeOf(await post(own.whipUrl, own.streamKey, chromium))).toEqual([409, 'CONFLICT']);
    expect(await codeOf(await post(grant.whepUrl, grant.token, watching))).toEqual([409, 'CONFLICT']);
    const made = await call(app, 'POST', `/api/rooms/${over.roomId}/stream-key`, { token: over.token, body: {} });
    expect(made.status).toBe(409);
  });

  test('a key is shown once and kept nowhere, and only the host may make one', async () => {
    const stranger = await account(app);
    const refused = await call(app, 'POST', `/api/rooms/${show.roomId}/stream-key`, {
      token: stranger.accessToken,
      body: {},
    });
    const info = await call(app, 'GET', `/api/rooms/${show.roomId}/stream-key`, { token: show.token });

    expect(refused.status).toBe(403);
    expect(JSON.stringify(info.body)).not.toContain(key.streamKey);
    expect(info.body.data.streamKey.lastUsedAtMs).toBeGreaterThan(0);
    const { rows } = await app.platform.db.query<{ kept: string }>('SELECT stream_keys::text AS kept FROM stream_keys');
    const kept = rows.map((row) => row.kept).join(' ');
    expect(kept).toContain(show.roomId);
    for (const form of ['utf8', 'hex', 'base64'] as const)
      expect(kept).not.toContain(Buffer.from(key.streamKey).toString(form));
  });

  // The last one: it uses up what this address may ask for.
  test('an address that asks too often is told to wait, before anything is looked at', async () => {
    const asked = await Promise.all(
      Array.from({ length: 400 }, () => post(key.whipUrl, 'nmk_wrong', '{}', 'text/plain')),
    );
    const refused = asked.find(({ status }) => status === 429);

    expect(Number(refused!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await codeOf(refused!)).toEqual([429, 'RATE_LIMITED']);
  });

  async function publishersOf({ roomId, token }: Show): Promise<number> {
    return (await call(app, 'GET', `/api/rooms/${roomId}/media`, { token })).body.data.publishers.length;
  }
});

/** Sends 10 MB, as fast as they are taken. Gives the status of the answer, which comes before the end of the body. */
function sendLarge({ url, method, type }: { url: string; method: string; type: string }, isAnnounced: boolean) {
  const part = Buffer.alloc(50_000, 'x');
  const length = 10_000_000;
  const headers = { 'content-type': type, ...(isAnnounced ? { 'content-length': length } : {}) };
  return new Promise<number>((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      resolve(response.statusCode!);
      asked.destroy();
    });
    asked.on('error', reject);
    let sent = 0;
    const send = (): void => {
      while (sent < length && !asked.destroyed) {
        sent += part.length;
        if (!asked.write(part)) return void asked.once('drain', send);
      }
      asked.end();
    };
    send();
  });
}
