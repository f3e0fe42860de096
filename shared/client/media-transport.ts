import type { Device } from 'mediasoup-client';
import type { Transport, TransportOptions } from 'mediasoup-client/types';
import { AppError } from '../errors.ts';
import type { Client } from './client.ts';

export type MediaClient = Pick<Client, 'request' | 'on' | 'isOnline'>;

/** An open session: what a publisher or a player builds on. */
export type OpenSession = { roomId: string; sessionId: string; device: Device; transport: Transport };

export type TransportNeeds = {
  client: MediaClient;
  roomId: string;
  direction: 'publish' | 'watch';
  /** What this device can send and play. Default: mediasoup-client for the browser it runs in. */
  newDevice?: () => Promise<Device>;
};

/**
 * Asks the server for a session and makes the transport of this side, which tells the server of itself when it is first used.
 *
 * @throws AppError as the server said it, UPGRADE_REQUIRED when mediasoup-client could not be loaded; UnsupportedError of a browser
 *   without WebRTC.
 */
export async function openTransport(needs: TransportNeeds): Promise<OpenSession> {
  const { client, roomId, direction, newDevice = deviceOfBrowser } = needs;
  const [device, { rtpCapabilities }, { sessionId, transport: parameters, iceServers }] = await Promise.all([
    newDevice(),
    client.request('media:capabilities', { roomId }),
    client.request('media:transport', { roomId, direction }, { triesMax: 1 }),
  ]);
  await device.load({ routerRtpCapabilities: rtpCapabilities as never });
  const options = { ...parameters, iceServers } as unknown as TransportOptions;
  const transport = direction === 'publish' ? device.createSendTransport(options) : device.createRecvTransport(options);
  transport.on('connect', ({ dtlsParameters }, done, fail) => {
    client.request('media:connect', { roomId, sessionId, dtlsParameters }).then(() => done(), fail);
  });
  transport.on('produce', ({ kind, rtpParameters }, done, fail) => {
    client
      .request('media:produce', { roomId, sessionId, kind, rtpParameters: rtpParameters })
      .then(({ producerId }) => done({ id: producerId }), fail);
  });
  return { roomId, sessionId, device, transport };
}

/** The library comes at the first use, so that pages without media don't carry it. After an update of the server its file is gone. */
async function deviceOfBrowser(): Promise<Device> {
  const library = await import('mediasoup-client').catch(() => {
    throw new AppError('UPGRADE_REQUIRED');
  });
  return library.Device.factory();
}
