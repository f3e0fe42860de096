import type { PipeTransport, Router, TransportListenInfo } from 'mediasoup/types';
import type { PipeEnd } from './link-verbs.ts';

/** Opens one end of a pipe between two hosts. What is lost between them is sent again, and nobody else can read or send. */
export const openPipe = (router: Router, listenInfo: TransportListenInfo): Promise<PipeTransport> =>
  router.createPipeTransport({ listenInfo, enableSrtp: true, enableRtx: true });

/** This end, as the other one has to know it. */
export function pipeEndOf({ tuple, srtpParameters }: PipeTransport, pipeId: string): PipeEnd {
  return { pipeId, ip: tuple.localAddress, port: tuple.localPort, srtpParameters: srtpParameters! };
}

export const connectPipe = (transport: PipeTransport, { ip, port, srtpParameters }: PipeEnd): Promise<void> =>
  transport.connect({ ip, port, srtpParameters: srtpParameters as NonNullable<PipeTransport['srtpParameters']> });
