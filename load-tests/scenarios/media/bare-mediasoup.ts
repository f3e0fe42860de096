import type { IceCandidate, IceParameters, RtpCapabilities, RtpParameters } from 'mediasoup/types';
import { cpuMsOf, residentBytesOf } from '../../harness/cpu.ts';
import { startProgram } from '../../harness/program.ts';
import { fingerprint, newIce, type Remote } from '../../harness/webrtc/raw-peer.ts';
import { publishShow, watchRaw } from '../../harness/webrtc/raw-sessions.ts';
import { showSsrc } from '../../harness/webrtc/synthetic-show.ts';
import type { MediaServerKind } from './media-server.ts';
import { payloadType } from './raw-sdp.ts';
import { workerBin } from './worker-bin.ts';

const feedback = [
  { type: 'nack', parameter: '' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
];
const opus = { mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: {} };
const vp8 = { mimeType: 'video/VP8', clockRate: 90_000, parameters: {}, rtcpFeedback: feedback };

/** What the synthetic show sends. */
export const rtpParametersOf = {
  audio: {
    codecs: [{ ...opus, payloadType: payloadType.audio }],
    encodings: [{ ssrc: showSsrc.audio }],
    rtcp: { cname: 'load' },
  },
  video: {
    codecs: [{ ...vp8, payloadType: payloadType.video }],
    encodings: [{ ssrc: showSsrc.video }],
    rtcp: { cname: 'load' },
  },
} satisfies Record<'audio' | 'video', RtpParameters>;
export const rtpCapabilities: RtpCapabilities = {
  codecs: [
    { ...opus, kind: 'audio', preferredPayloadType: payloadType.audio },
    { ...vp8, kind: 'video', preferredPayloadType: payloadType.video },
  ],
  headerExtensions: [],
};
const dtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] };

type Answer = { iceParameters: IceParameters; iceCandidates: IceCandidate[] };

export const bareMediasoup: MediaServerKind = {
  name: 'bare mediasoup',
  setUp:
    'mediasoup with the same worker program, one worker, one WebRtcServer port, one router, a transport per viewer, and nothing around it (peers/bare-mediasoup.ts)',
  async start() {
    const program = await startProgram({
      file: new URL('../../peers/bare-mediasoup.ts', import.meta.url),
      env: { MEDIASOUP_WORKER_BIN: workerBin() },
    });
    const ask = async (path: string, asked: object): Promise<Remote> => {
      const response = await fetch(program.url + path, {
        method: 'POST',
        body: JSON.stringify({ dtlsParameters, ...asked }),
      });
      if (!response.ok) throw new Error(await response.text());
      return remoteOf((await response.json()) as Answer);
    };
    const show = await publishShow(
      await ask('/publish', { rtpParameters: Object.values(rtpParametersOf) }),
      newIce(),
      payloadTypes,
    );
    return {
      show,
      watch: async () => watchRaw(await ask('/watch', { rtpCapabilities }), newIce()),
      cpuMs: () => cpuMsOf(program.pid),
      residentBytes: () => residentBytesOf(program.pid),
      async stop() {
        show.close();
        await program.stop();
      },
    };
  },
};

export const payloadTypes = { audioPayloadType: payloadType.audio, videoPayloadType: payloadType.video };

function remoteOf({ iceParameters, iceCandidates }: Answer): Remote {
  const { address, port } = iceCandidates.find(({ protocol }) => protocol === 'udp')!;
  return { address, port, ufrag: iceParameters.usernameFragment, password: iceParameters.password };
}
