import type { Device } from 'mediasoup-client';
import type { Transport, TransportOptions } from 'mediasoup-client/types';
import { AppError } from '../errors.ts';
import type { Output } from '../protocol/index.ts';
import type { Client } from './client.ts';

export type MediaClient = Pick<Client, 'request' | 'on' | 'isOnline' | 'check'>;

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
  const opening = client.request('media:transport', { roomId, direction }, { triesMax: 1 });
  try {
    const [device, { rtpCapabilities }, opened] = await Promise.all([
      newDevice(),
      client.request('media:capabilities', { roomId }),
      opening,
    ]);
    await device.load({ routerRtpCapabilities: rtpCapabilities as never });
    return transportOf(needs, device, opened);
  } catch (error) {
    opening.then(
      ({ sessionId }) => closeSession(client, { roomId, sessionId }),
      () => undefined,
    );
    throw error;
  }
}

/** Ends a session on the server: the library tells it nothing of a transport that is closed. */
export function closeSession(
  client: MediaClient,
  { roomId, sessionId }: Pick<OpenSession, 'roomId' | 'sessionId'>,
): void {
  if (client.isOnline()) client.request('media:close', { roomId, sessionId }, { triesMax: 1 }).catch(() => undefined);
}

function transportOf(
  { client, roomId, direction }: TransportNeeds,
  device: Device,
  { sessionId, transport: parameters, iceServers }: Output<'media:transport'>,
): OpenSession {
  const options = { ...parameters, iceServers } as unknown as TransportOptions;
  const transport = direction === 'publish' ? device.createSendTransport(options) : device.createRecvTransport(options);
  transport.on('connect', ({ dtlsParameters }, done, fail) => {
    client.request('media:connect', { roomId, sessionId, dtlsParameters }).then(() => done(), fail);
  });
  transport.on('produce', ({ kind, rtpParameters }, done, fail) => {
    client
      // Picture and sound are asked for one after the other, and each under its own name: neither is meant instead of the other.
      .request('media:produce', { roomId, sessionId, kind, rtpParameters, source: kind }, { repeatable: true })
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
