import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { residentBytesOf } from '../../harness/cpu.ts';
import type { Load } from '../../harness/scenario.ts';
import { startServer, type LoadPerson, type ServerUnderTest } from '../../harness/server-under-test.ts';
import { publishShow, watchRaw } from '../../harness/webrtc/raw-sessions.ts';
import { openRooms } from '../chat/ours.ts';
import { payloadTypes } from './bare-mediasoup.ts';
import type { MediaServer, MediaServerKind } from './media-server.ts';
import { offerTo, remoteIn } from './raw-sdp.ts';
import { workerBin } from './worker-bin.ts';

/** Who watches; with more viewers than that some have several windows open. */
const peopleMax = 500;

const settings = {
  NIGHTMARKET_ROLES: 'gateway,worker,media',
  NIGHTMARKET_MEDIA_WORKERS: '1',
  // Viewers come from addresses of their own, as they do in life; the header below says which.
  NIGHTMARKET_TRUSTED_PROXIES: '1',
};

/** Nightmarket whole, with one show that is published over WHIP and watched over WHEP. */
export const ours = (load: Load, nodeFlags: readonly string[] = []): MediaServerKind => ({
  name: 'ours',
  setUp:
    'server/main.ts as gateway, worker and media in one process with one mediasoup worker; WHIP in, WHEP out, rights and room events as in life; the databases are not counted',
  async start() {
    const { server, ...room } = await openServer(load, nodeFlags);
    return openShow(server, { ...room, viewers: await server.people(peopleMax) });
  },
});

/** The server with one live room, and its host. */
export async function openServer(
  load: Load,
  nodeFlags: readonly string[] = [],
): Promise<{ server: ServerUnderTest; roomId: string; hostToken: string }> {
  const server = await startServer(await load.stores(), {
    nodeFlags,
    settings: { ...settings, MEDIASOUP_WORKER_BIN: workerBin() },
  });
  await mediaReady(server);
  const [host] = await server.people(1, 'account');
  const [roomId] = await openRooms(server, host!.accessToken, 1);
  return { server, roomId: roomId!, hostToken: host!.accessToken };
}

type Room = { roomId: string; hostToken: string; viewers: LoadPerson[] };

async function openShow(server: ServerUnderTest, { roomId, hostToken, viewers }: Room): Promise<MediaServer> {
  const room = `${server.url}/api/rooms/${roomId}`;
  const { streamKey } = dataIn<{ streamKey: string }>(await post(`${room}/stream-key`, hostToken, json));
  const publishing = offerTo('sendonly');
  const answer = await post(`${server.url}/whip/${roomId}`, streamKey, sdp(publishing.sdp));
  const show = await publishShow(remoteIn(answer), publishing.ice, payloadTypes);
  let watched = 0;
  return {
    show,
    async watch() {
      const { accessToken } = viewers[watched++ % viewers.length]!;
      const { token } = dataIn<{ token: string }>(await post(`${room}/watch-grant`, accessToken, json));
      const watching = offerTo('recvonly');
      return watchRaw(remoteIn(await post(`${server.url}/whep/${roomId}`, token, sdp(watching.sdp))), watching.ice);
    },
    cpuMs: server.cpuMs,
    residentBytes: () => residentBytesOf(server.pid),
    async stop() {
      show.close();
      await server.stop();
    },
  };
}

async function mediaReady({ url }: ServerUnderTest): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { parts } = (await (await fetch(`${url}/readyz`)).json()) as { parts: Record<string, string> };
    if (parts['media'] === 'ok') return;
    await wait(100);
  }
  throw new Error('media is not ready after 10 s');
}

type Body = { type: string; text: string };
const json: Body = { type: 'application/json', text: '{}' };
const sdp = (text: string): Body => ({ type: 'application/sdp', text });

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
let addresses = 0;

/** Posts from an address that nobody has posted from before. @throws Error when it is refused. */
function post(url: string, token: string, { type, text }: Body): Promise<string> {
  const from = ++addresses;
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'x-forwarded-for': `10.${from >> 16}.${(from >> 8) & 255}.${from & 255}`,
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      response.on('end', () => {
        if (response.statusCode! < 300) resolve(answer);
        else reject(new Error(`${url}: ${response.statusCode ?? 0} ${answer}`));
      });
    });
    asked.on('error', reject).end(text);
  });
}

const dataIn = <T>(answer: string): T => (JSON.parse(answer) as { data: T }).data;
