import { createServer, type IncomingMessage } from 'node:http';
import { createWorker } from 'mediasoup';
import type { DtlsParameters, Producer, RtpCapabilities, RtpParameters, WebRtcTransport } from 'mediasoup/types';
import { homeCodecs } from '../../media/codecs.ts';
import { sayReady } from './say-ready.ts';

// mediasoup and nothing around it: one worker, one port, one router, and two routes to make transports by. No rooms, no
// rights, no events, no limits. The worker program, the port's kind and the codecs are those of the media server.

type Asked = { dtlsParameters: DtlsParameters; rtpParameters?: RtpParameters[]; rtpCapabilities?: RtpCapabilities };

const worker = await createWorker({ workerBin: process.env['MEDIASOUP_WORKER_BIN']!, logLevel: 'none' });
const webRtcServer = await worker.createWebRtcServer({
  listenInfos: (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip: '127.0.0.1' })),
});
const router = await worker.createRouter({ mediaCodecs: structuredClone([...homeCodecs]) });
const producers: Producer[] = [];

const server = createServer((request, response) => {
  answer(request).then(
    (body) => response.end(JSON.stringify(body)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
sayReady(server);

async function answer(request: IncomingMessage): Promise<object> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const asked = JSON.parse(text) as Asked;
  const transport = await router.createWebRtcTransport({ webRtcServer, initialAvailableOutgoingBitrate: 1_000_000 });
  transport.on('dtlsstatechange', (state) => (state === 'closed' || state === 'failed') && transport.close());
  transport.on('icestatechange', (state) => state === 'disconnected' && transport.close());
  await (request.url === '/publish' ? publish(transport, asked) : watch(transport, asked));
  await transport.connect({ dtlsParameters: asked.dtlsParameters });
  const { iceParameters, iceCandidates } = transport;
  return { iceParameters, iceCandidates };
}

async function publish(transport: WebRtcTransport, { rtpParameters = [] }: Asked): Promise<void> {
  for (const each of rtpParameters) {
    const kind = each.codecs[0]!.mimeType.startsWith('audio') ? 'audio' : 'video';
    producers.push(await transport.produce({ kind, rtpParameters: each }));
  }
}

async function watch(transport: WebRtcTransport, { rtpCapabilities }: Asked): Promise<void> {
  for (const producer of producers) {
    const consumer = await transport.consume({
      producerId: producer.id,
      rtpCapabilities: rtpCapabilities!,
      paused: true,
    });
    transport.on('dtlsstatechange', (state) => state === 'connected' && void consumer.resume());
  }
}
