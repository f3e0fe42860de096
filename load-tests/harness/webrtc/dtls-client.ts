import { createECDH, createHash, createHmac, randomBytes, sign } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import {
  contentType,
  createReassembly,
  dtlsVersion,
  messageOf,
  openRecord,
  recordOf,
  recordsIn,
  sealedRecordOf,
  uint16,
  uint24,
  type DtlsRecord,
  type GcmKeys,
  type HandshakeMessage,
} from './dtls-records.ts';

/** SRTP protection profiles (RFC 5764, RFC 7714), the preferred first. */
export const srtpProfile = { aes128CmSha1: 0x0001, aeadAes128Gcm: 0x0007 } as const;
/** Master key and salt of each direction, for the profile that the server chose. */
export type SrtpKeying = { profile: number; client: Buffer; server: Buffer };

type Needs = {
  certificate: Certificate;
  srtpProfiles: readonly number[];
  send(packet: Buffer): void;
};

const handshakeType = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;
const cipherSuites = [0xc02b, 0xc02f, 0x00ff]; // ECDHE with ECDSA or RSA, AES-128-GCM, SHA-256; no renegotiation.
const extension = { groups: 10, pointFormats: 11, signatures: 13, useSrtp: 14 } as const;
const resendAfterMs = 300;
const giveUpAfterMs = 20_000;

/**
 * The client's side of a DTLS-SRTP handshake, as a browser does it and no more: one curve, one cipher. The server's
 * certificate is not looked at. Costs about a millisecond, so that a thousand viewers can be had from one core.
 */
export function startDtlsClient({ certificate, srtpProfiles, send }: Needs) {
  const { promise, resolve, reject } = Promise.withResolvers<SrtpKeying>();
  const incoming = createReassembly();
  const transcript: Buffer[] = [];
  const clientRandom = randomBytes(32);
  const ecdh = createECDH('prime256v1');
  let serverRandom = Buffer.alloc(0);
  let serverPoint = Buffer.alloc(0);
  let profile = 0;
  let keys: { master: Buffer; client: GcmKeys; server: GcmKeys } | null = null;
  let recordCount = 0;
  let messageCount = 0;
  let flight: ((count: () => number) => Buffer[]) | null = null;

  const giveUp = setTimeout(() => finish(new Error('no DTLS handshake')), giveUpAfterMs);
  const resending = setInterval(sendFlight, resendAfterMs);
  sayHello(Buffer.alloc(0));

  return {
    keying: promise,
    hear(packet: Buffer): void {
      for (const record of recordsIn(packet)) hearRecord(record);
    },
    /** Says goodbye, as a browser does that closes a connection. */
    close(): void {
      const goodbye = Buffer.from([1, 0]);
      if (keys) send(sealedRecordOf(contentType.alert, 1, recordCount++, goodbye, keys.client));
      finish(new Error('closed'));
    },
  };

  function finish(outcome: SrtpKeying | Error): void {
    clearTimeout(giveUp);
    clearInterval(resending);
    if (outcome instanceof Error) reject(outcome);
    else resolve(outcome);
  }

  function sendFlight(): void {
    for (const record of flight?.(() => recordCount++) ?? []) send(record);
  }

  function hearRecord(record: DtlsRecord): void {
    if (record.type === contentType.alert && record.epoch === 0) finish(new Error(`DTLS alert ${record.body[1] ?? 0}`));
    if (record.type !== contentType.handshake) return;
    if (record.epoch === 0) incoming.add(record.body);
    else if (keys) incoming.add(openRecord(record, keys.server));
    for (let message = incoming.take(); message; message = incoming.take()) hearMessage(message);
  }

  function hearMessage({ type, body, whole }: HandshakeMessage): void {
    if (type === handshakeType.helloVerifyRequest) {
      transcript.length = 0;
      return sayHello(body.subarray(3, 3 + body[2]!));
    }
    if (type === handshakeType.finished) return end();
    transcript.push(whole);
    if (type === handshakeType.serverHello) readServerHello(body);
    // Curve type, curve, length, point; the signature behind it is not looked at.
    if (type === handshakeType.serverKeyExchange) serverPoint = Buffer.from(body.subarray(4, 4 + body[3]!));
    if (type === handshakeType.serverHelloDone) answerServer();
  }

  function readServerHello(body: Buffer): void {
    serverRandom = Buffer.from(body.subarray(2, 34));
    let at = 34 + 1 + body[34]! + 2 + 1 + 2; // Session id, cipher suite, compression, length of the extensions.
    while (at + 4 <= body.length) {
      if (body.readUInt16BE(at) === extension.useSrtp) profile = body.readUInt16BE(at + 6);
      at += 4 + body.readUInt16BE(at + 2);
    }
  }

  function sayHello(cookie: Buffer): void {
    const extensions = Buffer.concat([
      extensionOf(extension.groups, list16([23])),
      extensionOf(extension.pointFormats, Buffer.from([1, 0])),
      extensionOf(extension.signatures, list16([0x0403, 0x0804, 0x0401])),
      extensionOf(extension.useSrtp, Buffer.concat([list16(srtpProfiles), Buffer.from([0])])),
    ]);
    const hello = keep(
      handshakeType.clientHello,
      Buffer.concat([
        dtlsVersion,
        clientRandom,
        Buffer.from([0, cookie.length]),
        cookie,
        list16(cipherSuites),
        Buffer.from([1, 0]),
        uint16(extensions.length),
        extensions,
      ]),
    );
    flight = (count) => [recordOf(contentType.handshake, 0, count(), hello)];
    sendFlight();
  }

  function answerServer(): void {
    const point = ecdh.generateKeys();
    const own = keep(handshakeType.certificate, certificateList(certificate.der));
    const exchange = keep(handshakeType.clientKeyExchange, Buffer.concat([Buffer.from([point.length]), point]));
    const signature = sign('sha256', Buffer.concat(transcript), certificate.privateKey);
    const verify = keep(
      handshakeType.certificateVerify,
      Buffer.concat([uint16(0x0403), uint16(signature.length), signature]),
    );
    keys = keysOf(ecdh.computeSecret(serverPoint), clientRandom, serverRandom);
    const { master, client } = keys;
    const proof = prf(master, 'client finished', createHash('sha256').update(Buffer.concat(transcript)).digest(), 12);
    const finished = messageOf(handshakeType.finished, messageCount++, proof);
    flight = (count) => [
      ...[own, exchange, verify].map((message) => recordOf(contentType.handshake, 0, count(), message)),
      recordOf(contentType.changeCipherSpec, 0, count(), Buffer.from([1])),
      sealedRecordOf(contentType.handshake, 1, count(), finished, client),
    ];
    sendFlight();
  }

  function end(): void {
    const [keyBytes, saltBytes] = profile === srtpProfile.aeadAes128Gcm ? [16, 12] : [16, 14];
    const randoms = Buffer.concat([clientRandom, serverRandom]);
    const bytes = prf(keys!.master, 'EXTRACTOR-dtls_srtp', randoms, 2 * (keyBytes + saltBytes));
    const [salts, both] = [2 * keyBytes, keyBytes + saltBytes];
    const sideOf = (side: number): Buffer =>
      Buffer.concat([
        bytes.subarray(side * keyBytes, (side + 1) * keyBytes),
        bytes.subarray(salts + side * saltBytes, salts + (side + 1) * saltBytes),
      ]).subarray(0, both);
    finish({ profile, client: sideOf(0), server: sideOf(1) });
  }

  /** A message of ours, in the transcript and on its way. */
  function keep(type: number, body: Buffer): Buffer {
    const message = messageOf(type, messageCount++, body);
    transcript.push(message);
    return message;
  }
}

function keysOf(secret: Buffer, clientRandom: Buffer, serverRandom: Buffer) {
  const master = prf(secret, 'master secret', Buffer.concat([clientRandom, serverRandom]), 48);
  const block = prf(master, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40);
  return {
    master,
    client: { key: block.subarray(0, 16), salt: block.subarray(32, 36) },
    server: { key: block.subarray(16, 32), salt: block.subarray(36, 40) },
  };
}

/** The pseudorandom function of TLS 1.2 (RFC 5246, section 5). */
function prf(secret: Buffer, label: string, seed: Buffer, bytes: number): Buffer {
  const hmac = (text: Buffer): Buffer => createHmac('sha256', secret).update(text).digest();
  const whole = Buffer.concat([Buffer.from(label), seed]);
  const blocks: Buffer[] = [];
  for (let a = hmac(whole); blocks.length * 32 < bytes; a = hmac(a)) blocks.push(hmac(Buffer.concat([a, whole])));
  return Buffer.concat(blocks).subarray(0, bytes);
}

const extensionOf = (type: number, body: Buffer): Buffer => Buffer.concat([uint16(type), uint16(body.length), body]);
const list16 = (values: readonly number[]): Buffer => Buffer.concat([uint16(values.length * 2), ...values.map(uint16)]);
const certificateList = (certificate: Buffer): Buffer =>
  Buffer.concat([uint24(certificate.length + 3), uint24(certificate.length), certificate]);
