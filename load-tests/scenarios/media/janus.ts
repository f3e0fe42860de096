import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cores, onCore } from '../../harness/cores.ts';
import { cpuMsOf, residentBytesOf } from '../../harness/cpu.ts';
import { browserProfiles, openRawPeer } from '../../harness/webrtc/raw-peer.ts';
import { createSyntheticShow } from '../../harness/webrtc/synthetic-show.ts';
import { payloadTypes } from './bare-mediasoup.ts';
import type { MediaServer, MediaServerKind, MediaShow } from './media-server.ts';
import { answerTo, payloadType, remoteIn } from './raw-sdp.ts';

/** Debian's Janus, if it is installed. */
export const hasJanus = (): boolean => spawnSync('janus', ['--version'], { stdio: 'ignore' }).error === undefined;

const mountpointId = 1;
/** A server that makes no offer by then has lost the request; the run fails and says so. */
const offerMsMax = 10_000;
type Ports = { http: number; audio: number; video: number };

export const janus = (eventLoops: number): MediaServerKind => ({
  name: eventLoops > 0 ? `Janus, ${eventLoops} event loop` : 'Janus',
  setUp: `janus from Debian with the Streaming plugin: the same packets as plain RTP into a mountpoint, WebRTC out to each viewer; no statistics, no slow-link events, ${
    eventLoops > 0 ? `${eventLoops} event loop for all viewers` : 'a thread per viewer as in its default'
  }`,
  start: () => startJanus(eventLoops),
});

async function startJanus(eventLoops: number): Promise<MediaServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nightmarket-janus-'));
  const ports = { http: await freePort(), audio: await freePort(), video: await freePort() };
  writeConfig(folder, ports, eventLoops);
  // It dies with this process: one that a stopped run left behind would take its share of every measurement that follows.
  const withUs = ['setpriv', '--pdeathsig', 'KILL'];
  const [command, ...args] = onCore(cores?.server, [
    ...withUs,
    'janus',
    '--configs-folder',
    folder,
    '--disable-colors',
  ]);
  const child = spawn(command!, args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${ports.http}/janus`;
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  await answers(`${url}/info`).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const show = startShow(ports);
  return {
    show,
    watch: () => watch(url),
    cpuMs: () => cpuMsOf(child.pid!),
    residentBytes: () => residentBytesOf(child.pid!),
    async stop() {
      show.close();
      await stop();
    },
  };
}

/** Plain RTP, since that is what the Streaming plugin takes in. */
function startShow({ audio, video }: Ports): MediaShow & { close(): void } {
  const socket = createSocket('udp4');
  const show = createSyntheticShow({
    ...payloadTypes,
    send: (kind, packet) => socket.send(packet, kind === 'audio' ? audio : video, '127.0.0.1'),
  });
  return {
    ...show,
    keyFrameRequests: () => 0,
    close() {
      show.close();
      socket.close();
    },
  };
}

async function watch(url: string) {
  const sessionUrl = `${url}/${await idFrom(url, { janus: 'create' })}`;
  const handleUrl = `${sessionUrl}/${await idFrom(sessionUrl, { janus: 'attach', plugin: 'janus.plugin.streaming' })}`;
  await say(handleUrl, { janus: 'message', body: { request: 'watch', id: mountpointId } });
  const offer = await offerFrom(sessionUrl);
  const peer = await openRawPeer(remoteIn(offer));
  const { sdp, ice } = answerTo(offer, peer);
  await say(handleUrl, { janus: 'message', body: { request: 'start' }, jsep: { type: 'answer', sdp, trickle: false } });
  return peer.connect({ ice, srtpProfiles: browserProfiles });
}

type Said = { janus: string; data?: { id: number }; jsep?: { sdp: string } };

async function say(url: string, message: object): Promise<Said> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ ...message, transaction: 'load' }) });
  const said = (await response.json()) as Said;
  if (said.janus === 'error') throw new Error(JSON.stringify(said));
  return said;
}

const idFrom = async (url: string, message: object): Promise<number> => (await say(url, message)).data!.id;

async function offerFrom(sessionUrl: string): Promise<string> {
  for (let events = 0; events < 10; events++) {
    const { jsep } = (await (
      await fetch(`${sessionUrl}?maxev=1`, { signal: AbortSignal.timeout(offerMsMax) })
    ).json()) as Said;
    if (jsep) return jsep.sdp;
  }
  throw new Error('Janus made no offer');
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await wait(100);
  }
  throw new Error(`${url} does not answer after 10 s`);
}

function writeConfig(folder: string, { http, audio, video }: Ports, eventLoops: number): void {
  const write = (name: string, text: string): void => writeFileSync(join(folder, `janus.${name}jcfg`), text);
  write(
    '',
    `general: {
  debug_level = 2
  session_timeout = 0
  ${eventLoops > 0 ? `event_loops = ${eventLoops}` : ''}
}
media: { slowlink_threshold = 0 }
nat: { ice_enforce_list = "${ownAddress()}", full_trickle = false }
plugins: { disable = "${plugins.map((name) => `libjanus_${name}.so`).join(',')}" }
transports: { disable = "${transports.map((name) => `libjanus_${name}.so`).join(',')}" }
events: { broadcast = false }
`,
  );
  write('transport.http.', `general: { http = true, port = ${http}, ip = "127.0.0.1", json = "compact" }\n`);
  write(
    'plugin.streaming.',
    `show: {
  type = "rtp", id = ${mountpointId}, audio = true, video = true
  audioport = ${audio}, audiopt = ${payloadType.audio}, audiocodec = "opus"
  videoport = ${video}, videopt = ${payloadType.video}, videocodec = "vp8"
}
`,
  );
}

const plugins = [
  'audiobridge',
  'duktape',
  'echotest',
  'lua',
  'nosip',
  'recordplay',
  'sip',
  'textroom',
  'videocall',
  'videoroom',
  'voicemail',
];
const transports = ['mqtt', 'nanomsg', 'pfunix', 'rabbitmq', 'websockets'];

/** Janus leaves loopback out, so viewers reach it by an address of this machine; packets take the same way. */
function ownAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!found) throw new Error('Janus needs an address other than loopback');
  return found.address;
}

/** Of TCP, and taken to be free for UDP too. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
