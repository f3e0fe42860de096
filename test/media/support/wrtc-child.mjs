/* oxlint-disable typescript/ban-ts-comment -- The types of browsers are not at hand in the tests. */
// @ts-nocheck
// A WebRTC peer in a process of its own: the native library may take its process down with it.
import wrtc from '@roamhq/wrtc';

const { RTCPeerConnection, nonstandard } = wrtc;
const width = 320;
const height = 240;
const peers = new Map();
let peersSoFar = 0;

const verbs = {
  /** `tone`: a sound instead of silence. `iceServers`: all goes by way of these. */
  async publish({ url, token, tone = false, iceServers }) {
    const pc = new RTCPeerConnection(iceServers ? overRelay(iceServers) : {});
    const source = new nonstandard.RTCVideoSource();
    const sound = new nonstandard.RTCAudioSource();
    pc.addTransceiver(source.createTrack(), { direction: 'sendonly' });
    pc.addTransceiver(sound.createTrack(), { direction: 'sendonly' });
    const data = new Uint8Array((width * height * 3) / 2);
    const samples = Int16Array.from({ length: 480 }, (_, i) => (tone ? 12_000 * Math.sin((i * Math.PI) / 24) : 0));
    let frames = 0;
    const pictures = setInterval(() => {
      data.fill((frames++ * 5) % 255, 0, width * height);
      source.onFrame({ width, height, data });
    }, 66);
    const sounds = setInterval(() => sound.onData({ samples, sampleRate: 48_000 }), 10);
    const session = await exchange(pc, url, token);
    return keep({ pc, session, stop: () => (clearInterval(pictures), clearInterval(sounds)) });
  },
  /** Places at TURN servers that are to be had. */
  async relays({ iceServers }) {
    const pc = new RTCPeerConnection(overRelay(iceServers));
    pc.addTransceiver('audio', { direction: 'recvonly' });
    await pc.setLocalDescription(await pc.createOffer());
    await gathered(pc);
    const places = pc.localDescription.sdp.match(/ typ relay/g)?.length ?? 0;
    pc.close();
    return places;
  },
  /** `swap`: two payload types of the offer that change places, as if this were another kind of player. */
  async watch({ url, token, swap }) {
    const pc = new RTCPeerConnection();
    const video = pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    const sink = new nonstandard.RTCVideoSink(video.receiver.track);
    const peer = { pc, frames: 0, stop: () => sink.stop() };
    sink.onframe = () => (peer.frames += 1);
    peer.session = await exchange(pc, url, token, (sdp) => swapped(sdp, swap));
    return keep(peer);
  },
  /** Waits until so many pictures have come; gives how many there are in the end. */
  async pictures({ id, count, withinMs }) {
    const giveUpAt = performance.now() + withinMs;
    while (peers.get(id).frames < count && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return peers.get(id).frames;
  },
  /** Waits until some sound was decoded, and not only made up for; gives how many samples there are in the end. */
  async sounds({ id, withinMs }) {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const reports = [...(await peers.get(id).pc.getStats()).values()];
      const sound = reports.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
      const samples = (sound?.totalSamplesReceived ?? 0) - (sound?.concealedSamples ?? 0);
      if (samples > 0 || performance.now() > giveUpAt) return samples;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
  /** The kind of place from which this peer sends. */
  async way({ id }) {
    const reports = await peers.get(id).pc.getStats();
    const pair = [...reports.values()].find(({ type, nominated }) => type === 'candidate-pair' && nominated);
    return reports.get(pair.localCandidateId).candidateType;
  },
  state: ({ id }) => peers.get(id).pc.connectionState,
  async stop({ id, token }) {
    const { pc, session, stop } = peers.get(id);
    stop();
    pc.close();
    peers.delete(id);
    await fetch(session, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  },
};

const overRelay = (iceServers) => ({ iceServers, iceTransportPolicy: 'relay' });

function swapped(sdp, [one, other] = []) {
  if (!one) return sdp;
  return sdp.replaceAll(/((?:rtpmap|fmtp|rtcp-fb):|apt=)(\d+)/g, (whole, before, number) =>
    Number(number) === one ? before + other : Number(number) === other ? before + one : whole,
  );
}

function keep(peer) {
  const id = ++peersSoFar;
  peers.set(id, peer);
  return id;
}

async function gathered(pc) {
  if (pc.iceGatheringState === 'complete') return;
  await new Promise((resolve) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
  });
}

/** WHIP and WHEP as RFC 9725 has them, without trickle: all candidates are in the offer. */
async function exchange(pc, url, token, change = (sdp) => sdp) {
  const { type, sdp } = await pc.createOffer();
  await pc.setLocalDescription({ type, sdp: change(sdp) });
  await gathered(pc);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
    body: pc.localDescription.sdp,
  });
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  return new URL(response.headers.get('location'), url).href;
}

process.on('message', ({ call, verb, input }) => {
  Promise.resolve()
    .then(() => verbs[verb](input))
    .then(
      (output) => process.send({ call, output }),
      (error) => process.send({ call, error: String(error) }),
    );
});
process.on('disconnect', () => process.exit(0));
