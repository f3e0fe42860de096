// Streams the scene by WHIP, as OBS would. A process of its own: the native library may take its process down with it.
// Not type-checked (tsconfig.json): the package brings types of browsers, which are not at hand here.
// usage: streamer.mjs WHIP_URL, with the stream key in the environment variable STREAM_KEY
import wrtc from '@roamhq/wrtc';
import { createScene, createTune, framesPerSecond, pictureSize, samplesPerSecond } from './scene.ts';

const url = process.argv[2];
const authorization = `Bearer ${process.env.STREAM_KEY}`;

const pc = new wrtc.RTCPeerConnection();
const picture = new wrtc.nonstandard.RTCVideoSource();
const sound = new wrtc.nonstandard.RTCAudioSource();
pc.addTransceiver(picture.createTrack(), { direction: 'sendonly' });
pc.addTransceiver(sound.createTrack(), { direction: 'sendonly' });

const draw = createScene(Math.random);
const play = createTune(Math.random);
let frame = 0;
setInterval(() => picture.onFrame({ ...pictureSize, data: draw(frame++) }), 1_000 / framesPerSecond);
setInterval(() => sound.onData({ samples: play(), sampleRate: samplesPerSecond }), 10);

await pc.setLocalDescription(await pc.createOffer());
if (pc.iceGatheringState !== 'complete')
  await new Promise((resolve) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
  });
const answer = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/sdp', authorization },
  body: pc.localDescription.sdp,
});
if (answer.status !== 201) throw new Error(`WHIP answered ${answer.status}: ${await answer.text()}`);
await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
const session = new URL(answer.headers.get('location'), url);

pc.onconnectionstatechange = () => pc.connectionState === 'failed' && process.exit(1);
const stop = async () => {
  await fetch(session, { method: 'DELETE', headers: { authorization } }).catch(() => undefined);
  process.exit(0);
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
process.send?.('streaming');
