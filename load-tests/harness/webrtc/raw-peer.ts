import { createSocket, type Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { makeCertificate } from './certificate.ts';
import { srtpProfile, startDtlsClient, type SrtpKeying } from './dtls-client.ts';
import { bindingRequestOf, bindingSuccessOf, isBindingRequest, isBindingSuccess, isStun } from './stun.ts';

/** Where an ICE-lite server waits for a peer, and under which name. */
export type Remote = { address: string; port: number; ufrag: string; password: string };

export type RawPeer = {
  /** Packets that arrived, SRTP and SRTCP. */
  received(): { packets: number; bytes: number };
  /** Hears each SRTP and SRTCP packet as it came; costs nothing while nobody does. */
  onPacket(hear: (packet: Buffer) => void): void;
  send(packet: Buffer): void;
  keying: SrtpKeying;
  /** Ends the session on both sides. */
  close(): void;
};

/** One certificate for all: making one for each viewer would cost more than the viewer. */
const certificate = makeCertificate();
export const { fingerprint } = certificate;
export const newIce = (): OwnIce => ({
  ufrag: randomBytes(4).toString('hex'),
  password: randomBytes(12).toString('hex'),
});

/** As browsers offer them. */
export const browserProfiles = [srtpProfile.aeadAes128Gcm, srtpProfile.aes128CmSha1];
/** What `srtp.ts` can send. */
export const senderProfiles = [srtpProfile.aes128CmSha1];

const checkEveryMs = 100;
const iceMsMax = 10_000;
/** Browsers ask every 5 s whether the other side still wants to receive (RFC 7675). */
const consentEveryMs = 5_000;
/** Enough for a burst of frames to every viewer; what does not fit is lost, and is noticed. */
const receiveBufferBytes = 1024 * 1024;

/** This side of an ICE session. A `lite` one waits until it is asked, as servers do; else it asks. */
export type OwnIce = { ufrag: string; password: string; lite?: boolean };
type Options = { ice: OwnIce; srtpProfiles: readonly number[] };

/** A WebRTC peer with ICE, DTLS and nothing behind it: what arrives is counted, not decrypted. */
export async function connectRawPeer(remote: Remote, options: Options): Promise<RawPeer> {
  return (await openRawPeer(remote)).connect(options);
}

/** The same in two steps, for servers that want to be told our address first. */
export async function openRawPeer(remote: Remote) {
  const socket = await openSocket(remote);
  const { address, port } = socket.address();
  return { address, port, connect: (options: Options) => connectOver(socket, remote, options) };
}

async function connectOver(socket: Socket, remote: Remote, { ice, srtpProfiles }: Options): Promise<RawPeer> {
  const names = { serverUfrag: remote.ufrag, serverPassword: remote.password, clientUfrag: ice.ufrag };
  let hearPacket: ((packet: Buffer) => void) | null = null;
  let hearDtls: ((packet: Buffer) => void) | null = null;
  let packets = 0;
  let bytes = 0;
  const { promise: reached, resolve: reach } = Promise.withResolvers<undefined>();

  socket.on('message', (packet) => {
    if (packet[0]! >= 128) {
      packets += 1;
      bytes += packet.length;
      return hearPacket?.(packet);
    }
    if (isStun(packet)) hearStun(packet);
    else hearDtls?.(packet);
  });
  socket.on('error', () => undefined); // A server that has gone answers with "connection refused".

  try {
    await withinTime(reached, () => ice.lite || socket.send(bindingRequestOf(names)));
    const dtls = startDtlsClient({ certificate, srtpProfiles, send: (packet) => socket.send(packet) });
    hearDtls = dtls.hear;
    const keying = await dtls.keying;
    const consent = setInterval(() => ice.lite || socket.send(bindingRequestOf(names)), consentEveryMs);
    return {
      received: () => ({ packets, bytes }),
      onPacket: (hear) => void (hearPacket = hear),
      send: (packet) => socket.send(packet),
      keying,
      close() {
        clearInterval(consent);
        dtls.close();
        socket.close();
      },
    };
  } catch (error) {
    socket.close();
    throw error;
  }

  function hearStun(packet: Buffer): void {
    if (isBindingRequest(packet)) socket.send(bindingSuccessOf(packet, remote, ice.password));
    if (isBindingRequest(packet) || isBindingSuccess(packet)) reach(undefined);
  }
}

/** A peer that is reached, begins the handshake and says nothing more. Call what it returns. */
export async function stopAfterHello(remote: Remote, ice: OwnIce): Promise<() => void> {
  const socket = await openSocket(remote);
  const names = { serverUfrag: remote.ufrag, serverPassword: remote.password, clientUfrag: ice.ufrag };
  const { promise: reached, resolve: reach } = Promise.withResolvers<undefined>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<undefined>();
  socket.on('message', (packet) => (isStun(packet) ? reach : answer)(undefined));
  socket.on('error', () => undefined);
  await withinTime(reached, () => socket.send(bindingRequestOf(names)));
  const send = (packet: Buffer): void => socket.send(packet);
  const dtls = startDtlsClient({ certificate, srtpProfiles: browserProfiles, send });
  dtls.keying.catch(() => undefined);
  await answered;
  dtls.close();
  return () => socket.close();
}

function openSocket({ address, port }: Remote): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Asks again and again until the other side was reached. */
async function withinTime(reached: Promise<undefined>, ask: () => unknown): Promise<void> {
  ask();
  const again = setInterval(ask, checkEveryMs);
  const tooLate = new Promise<never>((_, reject) =>
    setTimeout(reject, iceMsMax, new Error('no answer to ICE')).unref(),
  );
  try {
    await Promise.race([reached, tooLate]);
  } finally {
    clearInterval(again);
  }
}
