/* oxlint-disable typescript/ban-ts-comment -- The types of browsers are not at hand in the tests. */
// @ts-nocheck Runs in a browser, bundled by browser.ts.
import { WHIPClient as EyevinnWhip } from '@eyevinn/whip-web-client';
import { WebRTCPlayer } from '@eyevinn/webrtc-player';
import { WHEPClient } from 'whip-whep/whep.js';
import { WHIPClient } from 'whip-whep/whip.js';
import { createClient } from '../../../shared/client/client.ts';
import { keepMediaSession } from '../../../shared/client/media-session.ts';
import { createPlayer } from '../../../shared/client/player.ts';
import { createPublisher } from '../../../shared/client/publisher.ts';

/** Every RTCPeerConnection of this page, whichever library made it, so that its pictures can be counted. */
const connections = [];
const Native = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Native {
  constructor(...args) {
    super(...args);
    connections.push(this);
  }
};

const camera = (width = 640, height = 360) =>
  navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: 15 }, audio: true });

const sendingCodecs = () => RTCRtpSender.getCapabilities('video').codecs;

const clientOf = ({ url, token }) => createClient({ url, credentials: async () => ({ accessToken: token }) });
const things = new Map();

/** A program like OBS sends at its rate from the first picture on; Chromium begins with a fifth of this, and on a busy machine stays there. */
const startingFast = (sdp) =>
  sdp.replace(/a=rtpmap:(\d+) (VP8|H264)\/90000\r\n/g, '$&a=fmtp:$1 x-google-start-bitrate=1500\r\n');

const verbs = {
  async pagePublish(name, { url, token, roomId, width, height }) {
    const client = clientOf({ url, token });
    const states = [];
    const publisher = createPublisher({ client, roomId, tracks: (await camera(width, height)).getTracks() });
    publisher.on('state', (state) => states.push(state));
    things.set(name, { states, publisher, stop: () => (publisher.close(), client.close()) });
  },
  /** The page goes on sending its microphone, and nothing is to be heard. */
  turnSoundOff: (name) => things.get(name).publisher.setEnabled('audio', false),
  /** What this page has sent so far: packets of sound, and pictures; and what it was told of Opus. */
  async sent() {
    const pc = connections.findLast(({ connectionState }) => connectionState === 'connected');
    const reports = [...(await pc.getStats()).values()].filter(({ type }) => type === 'outbound-rtp');
    const { packetsSent: soundPackets } = reports.find(({ kind }) => kind === 'audio');
    const pictures = Math.max(...reports.map(({ framesSent = 0 }) => framesSent));
    const { sdp } = pc.remoteDescription;
    const [, number] = /^a=rtpmap:(\d+) opus/m.exec(sdp);
    return { soundPackets, pictures, opus: new RegExp(`^a=fmtp:${number} (.*)$`, 'm').exec(sdp)[1] };
  },
  /** As the page publishes, with a codec and encodings of the caller's choice. */
  async codecPublish(name, { url, token, roomId, mimeType, encodings }) {
    const client = clientOf({ url, token });
    const [track] = (await camera(960, 540)).getVideoTracks();
    const session = keepMediaSession({
      client,
      roomId,
      direction: 'publish',
      async build({ device, transport }) {
        const codec = device.recvRtpCapabilities.codecs.find((each) => each.mimeType === mimeType);
        await transport.produce({ track, codec, encodings, codecOptions: { videoGoogleStartBitrate: 1_500 } });
        return true;
      },
      onLost: () => undefined,
      onState: () => undefined,
    });
    const restartIce = async () => {
      const { sessionId, transport } = session.current();
      await transport.restartIce(await client.request('media:restart-ice', { roomId, sessionId }));
    };
    things.set(name, { restartIce, stop: () => (session.close(), client.close()) });
  },
  /** As after a change of networks. True as soon as the server has answered to the new names. */
  async restartIce(name, withinMs) {
    const giveUpAt = performance.now() + withinMs;
    await things.get(name).restartIce();
    const [pc] = connections.filter(({ connectionState }) => connectionState !== 'closed');
    while (!(await isReachedAs(pc, ufragOf(pc.localDescription)))) {
      if (performance.now() > giveUpAt) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  },
  /** Video codecs this browser can send. */
  sendingCodecs: () => [...new Set(sendingCodecs().map(({ mimeType }) => mimeType))],
  pageWatch(name, { url, token, roomId, spoilt }) {
    const client = spoiling(clientOf({ url, token }), spoilt);
    const [states, qualities] = [[], []];
    const thing = { states, qualities, layers: 1, played: [], unplayable: [], videos: [] };
    const player = createPlayer({ client, roomId });
    player.on('state', (state) => states.push(state));
    player.on('quality', (quality) => qualities.push(quality));
    player.on('layers', (layers) => (thing.layers = layers));
    player.on('unplayable', (streams) => (thing.unplayable = streams));
    player.on('played', (played) => {
      thing.played = played;
      thing.videos = played.map(({ tracks }) => play(document.createElement('video'), new MediaStream(tracks)));
    });
    things.set(name, Object.assign(thing, { player, stop: () => (player.close(), client.close()) }));
  },
  /** Somebody opens a room, waits for the first picture that is really decoded, and leaves. Gives how long it took. */
  async firstPicture({ url, token, roomId }) {
    const startedMs = performance.now();
    const client = clientOf({ url, token });
    const player = createPlayer({ client, roomId });
    const track = await new Promise((resolve) => {
      player.on('played', (played) => {
        const video = played.flatMap(({ tracks }) => tracks).find(({ kind }) => kind === 'video');
        if (video) resolve(video);
      });
    });
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const { value } = await reader.read();
    const tookMs = performance.now() - startedMs;
    value.close();
    await reader.cancel();
    player.close();
    client.close();
    return tookMs;
  },
  chooseLayer: (name, layer) => things.get(name).player.chooseLayer(layer),
  states: (name) => things.get(name).states,
  qualities: (name) => things.get(name).qualities,
  unplayable: (name) => things.get(name).unplayable,
  /** Kinds of what is shown. */
  kinds: (name) => things.get(name).played.flatMap(({ tracks }) => tracks.map(({ kind }) => kind)),
  publishers: (name) => things.get(name).played.map(({ publisherId }) => publisherId),
  layers: (name) => things.get(name).layers,

  /** `cameras`: how many there are. `encodings`: how often, and how large, each picture is sent. `mimeType`: the only codec offered for it. */
  async whipWhepPublish(name, { whipUrl, streamKey }, { cameras = 1, encodings, mimeType, width, height } = {}) {
    const pc = new RTCPeerConnection();
    const stream = await camera(width, height);
    while (stream.getVideoTracks().length < cameras) stream.addTrack(stream.getVideoTracks()[0].clone());
    for (const track of stream.getTracks()) {
      const isPicture = track.kind === 'video';
      const sendEncodings = isPicture && encodings ? encodings : [];
      const sent = pc.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings });
      if (isPicture && mimeType) sent.setCodecPreferences(sendingCodecs().filter((each) => each.mimeType === mimeType));
    }
    const take = pc.setRemoteDescription.bind(pc);
    pc.setRemoteDescription = ({ type, sdp }) => take({ type, sdp: startingFast(sdp) });
    const client = new WHIPClient();
    await client.publish(pc, whipUrl, streamKey);
    things.set(name, { pc, client, stop: () => client.stop() });
  },
  async whipWhepWatch(name, { whepUrl, token }, pictures = 1) {
    const pc = new RTCPeerConnection();
    pc.addTransceiver('audio', { direction: 'recvonly' });
    for (let i = 0; i < pictures; i++) pc.addTransceiver('video', { direction: 'recvonly' });
    const video = document.createElement('video');
    pc.ontrack = ({ streams }) => play(video, streams[0]);
    const client = new WHEPClient();
    await client.view(pc, whepUrl, token);
    things.set(name, { pc, client, videos: [video], stop: () => client.stop() });
  },
  /** As pages around whip-whep do, which leaves to them what becomes of a lost connection: begins anew until it is let in. */
  async keepWhipWhep(name, verb, ...args) {
    let begun = 0;
    let isStopped = false;
    const begin = async () => {
      await verbs[verb](name, ...args);
      const thing = things.get(name);
      const { pc, stop } = thing;
      Object.assign(thing, { begun: ++begun, stop: () => ((isStopped = true), stop()) });
      pc.addEventListener('connectionstatechange', () => {
        if (isStopped || !['disconnected', 'failed'].includes(pc.connectionState)) return;
        pc.close();
        void beginAnew();
      });
    };
    const beginAnew = () => begin().catch(() => !isStopped && setTimeout(beginAnew, 300));
    await begin();
  },
  /** How often a client that is kept has begun. */
  begun: (name) => things.get(name).begun,
  async eyevinnPublish(name, { whipUrl, streamKey }) {
    const client = new EyevinnWhip({ endpoint: whipUrl, opts: { authkey: streamKey, iceServers: [] } });
    await client.ingest(await camera());
    things.set(name, { client, stop: () => client.destroy() });
  },
  async eyevinnWatch(name, { whepUrl, token }) {
    const video = document.createElement('video');
    const player = new WebRTCPlayer({ video, type: 'whep', iceServers: [] });
    await player.load(new URL(whepUrl), `Bearer ${token}`);
    const pc = player.peer;
    things.set(name, { pc, videos: [video], stop: () => player.unload() });
  },

  async stop(name) {
    await things.get(name).stop();
    things.delete(name);
  },
  /** Waits until so many pictures were decoded for one viewer of this page; gives how many there are in the end. */
  async pictures(name, count, withinMs) {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const frames = await received(things.get(name), 'video', ({ framesDecoded = 0 }) => framesDecoded);
      if (frames >= count || performance.now() > giveUpAt) return frames;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  /** Waits until some sound was decoded for one viewer of this page, and not only made up for; gives how many samples there are in the end. */
  async sounds(name, withinMs) {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const samples = await received(things.get(name), 'audio', soundOf);
      if (samples > 0 || performance.now() > giveUpAt) return samples;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  /** What is decoded now: the codec, and what the browser counts, of each picture stream that comes in; the newest last. */
  async decoded() {
    const found = [];
    for (const pc of connections) {
      if (pc.connectionState === 'closed') continue;
      const reports = await pc.getStats();
      for (const { type, kind, codecId, ...report } of reports.values()) {
        // A stream without a codec is mediasoup's probe for bandwidth.
        if (type !== 'inbound-rtp' || kind !== 'video' || !codecId) continue;
        found.push({ ...report, mimeType: reports.get(codecId).mimeType });
      }
    }
    return found;
  },
};
globalThis.verbs = verbs;

/** Of what comes in for one viewer. Our own player keeps its connection to itself: its are those that belong to no foreign client. */
async function received({ pc }, kind, countOf) {
  const foreign = new Set([...things.values()].map((thing) => thing.pc));
  const own = pc ? [pc] : connections.filter((each) => !foreign.has(each) && each.connectionState !== 'closed');
  let count = 0;
  for (const each of own) {
    for (const report of (await each.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === kind) count += countOf(report);
    }
  }
  return count;
}

/** As if the server let through what no browser understands: a line of its own in the name of a source. */
const spoiling = (client, spoilt) => ({
  ...client,
  async request(...asked) {
    const answer = await client.request(...asked);
    for (const { kind, rtpParameters } of answer.consumers ?? [])
      if (kind === spoilt) rtpParameters.rtcp.cname = 'a name\r\na=rtpmap:none of these';
    return answer;
  },
});

const soundOf = ({ totalSamplesReceived = 0, concealedSamples = 0 }) => totalSamplesReceived - concealedSamples;

const ufragOf = ({ sdp }) => /a=ice-ufrag:(\S+)/.exec(sdp)[1];

async function isReachedAs(pc, ufrag) {
  const reports = await pc.getStats();
  return [...reports.values()].some(
    ({ type, state, localCandidateId }) =>
      type === 'candidate-pair' && state === 'succeeded' && reports.get(localCandidateId)?.usernameFragment === ufrag,
  );
}

function play(video, stream) {
  video.muted = true;
  video.srcObject = stream;
  void video.play().catch(() => undefined);
  return video;
}
