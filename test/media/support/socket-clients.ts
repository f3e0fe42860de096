import type { Socket } from 'socket.io-client';
import { newIce } from '../../../load-tests/harness/webrtc/raw-peer.ts';
import { publishShow, watchRaw } from '../../../load-tests/harness/webrtc/raw-sessions.ts';
import { payloadTypes, rtpCapabilities, rtpParametersOf } from '../../../load-tests/scenarios/media/bare-mediasoup.ts';
import type { SessionEnd } from '../../../shared/protocol/media.ts';
import type { Reply } from '../../../shared/protocol/define.ts';
import { send } from '../../support/app.ts';
import { dtlsParameters, remoteOf } from './raw-clients.ts';

/** Somebody who sends the synthetic show over the signalling of the page. */
export async function publishOver(socket: Socket, roomId: string) {
  const { sessionId, transport, ended } = await openOver(socket, roomId, 'publish');
  const show = await publishShow(remoteOf(transport), newIce(), payloadTypes);
  for (const kind of ['audio', 'video'] as const) {
    const rtpParameters = rtpParametersOf[kind];
    dataOf(await send(socket, 'media:produce', { roomId, sessionId, kind, rtpParameters, source: kind }));
  }
  show.start();
  return { sessionId, ended, close: () => show.close() };
}

/** Somebody who watches over the signalling of the page, and takes what is new as it is told. */
export async function watchOver(socket: Socket, roomId: string) {
  const { sessionId, transport, ended } = await openOver(socket, roomId, 'watch');
  const peer = await watchRaw(remoteOf(transport), newIce());
  const streams = new Map<string, { publisherId: string; ssrc: number }>();
  const packetsBySsrc = new Map<number, number>();
  peer.onPacket((packet) => {
    const ssrc = packet.readUInt32BE(8);
    packetsBySsrc.set(ssrc, (packetsBySsrc.get(ssrc) ?? 0) + 1);
  });
  const takeAll = async (): Promise<void> => {
    const asked = { roomId, sessionId, rtpCapabilities: rtpCapabilities as never };
    const { consumers } = dataOf(await send(socket, 'media:consume', asked));
    for (const { producerId, publisherId, rtpParameters } of consumers)
      streams.set(producerId, { publisherId, ssrc: Number(rtpParameters.encodings![0]!['ssrc']) });
    const consumerIds = consumers.map(({ consumerId }) => consumerId);
    if (consumerIds.length > 0) dataOf(await send(socket, 'media:resume', { roomId, sessionId, consumerIds }));
  };
  socket.on('media:streams', ({ gone }: { gone: string[] }) => {
    for (const producerId of gone) streams.delete(producerId);
    takeAll().catch(() => undefined); // The session may be over by now; what is missing then is missed by the test.
  });
  await takeAll();
  return {
    sessionId,
    ended,
    /** How many streams of each publisher have arrived, of those that are there now. */
    arriving(): Record<string, number> {
      const counts: Record<string, number> = {};
      for (const { publisherId, ssrc } of streams.values())
        if (packetsBySsrc.has(ssrc)) counts[publisherId] = (counts[publisherId] ?? 0) + 1;
      return counts;
    },
    close: () => peer.close(),
  };
}

/** A session of a page, before anything has come over it. */
export async function openOver(socket: Socket, roomId: string, direction: 'publish' | 'watch') {
  const { sessionId, transport } = dataOf(await send(socket, 'media:transport', { roomId, direction }));
  const ended = new Promise<SessionEnd>((resolve) =>
    socket.on('media:closed', (closed: { sessionId: string; reason: SessionEnd }) => {
      if (closed.sessionId === sessionId) resolve(closed.reason);
    }),
  );
  dataOf(await send(socket, 'media:connect', { roomId, sessionId, dtlsParameters }));
  return { sessionId, transport, ended };
}

function dataOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.message}`);
  return reply.data;
}
