import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** How a client proves to an ICE-lite server that it was told of the session. */
export type IceCredentials = { serverUfrag: string; serverPassword: string; clientUfrag: string };

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  priority: 0x0024,
  xorMappedAddress: 0x0020,
  useCandidate: 0x0025,
  iceControlling: 0x802a,
  fingerprint: 0x8028,
} as const;
const fingerprintMask = 0x5354554e;
const peerReflexivePriority = 0x6e7f00ff;
const tieBreaker = randomBytes(8);

/** The first byte tells STUN from DTLS and RTP on one port (RFC 7983). */
export const isStun = (packet: Buffer): boolean => packet[0]! < 4;
export const isBindingRequest = (packet: Buffer): boolean => packet.readUInt16BE(0) === bindingRequest;
export const isBindingSuccess = (packet: Buffer): boolean => packet.readUInt16BE(0) === bindingSuccess;

/** A connectivity check that chooses the pair at once; repeated later, it is the consent to go on sending. */
export function bindingRequestOf({ serverUfrag, serverPassword, clientUfrag }: IceCredentials): Buffer {
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(peerReflexivePriority);
  const attributes = Buffer.concat([
    attributeOf(attribute.username, Buffer.from(`${serverUfrag}:${clientUfrag}`)),
    attributeOf(attribute.priority, priority),
    attributeOf(attribute.iceControlling, tieBreaker),
    attributeOf(attribute.useCandidate, Buffer.alloc(0)),
  ]);
  return sealed(bindingRequest, randomBytes(12), attributes, serverPassword);
}

/** What an ICE-lite peer says to a check: yes, and where it came from. */
export function bindingSuccessOf(request: Buffer, from: { address: string; port: number }, password: string): Buffer {
  const mapped = Buffer.alloc(8);
  mapped[1] = 1; // IPv4
  mapped.writeUInt16BE(from.port ^ (magicCookie >>> 16), 2);
  const address = Buffer.from(from.address.split('.').map(Number)).readUInt32BE();
  mapped.writeUInt32BE((address ^ magicCookie) >>> 0, 4);
  return sealed(bindingSuccess, request.subarray(8, 20), attributeOf(attribute.xorMappedAddress, mapped), password);
}

/** Integrity and fingerprint each cover what is before them, with a length that already counts them. */
function sealed(type: number, transactionId: Buffer, attributes: Buffer, password: string): Buffer {
  const withIntegrity = attributes.length + 24;
  const signed = Buffer.concat([headerOf(type, withIntegrity, transactionId), attributes]);
  const integrity = attributeOf(attribute.messageIntegrity, createHmac('sha1', password).update(signed).digest());
  const checked = Buffer.concat([headerOf(type, withIntegrity + 8, transactionId), attributes, integrity]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((crc32(checked) ^ fingerprintMask) >>> 0);
  return Buffer.concat([checked, attributeOf(attribute.fingerprint, checksum)]);
}

function headerOf(type: number, length: number, transactionId: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(length, 2);
  header.writeUInt32BE(magicCookie, 4);
  return Buffer.concat([header, transactionId]);
}

function attributeOf(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}
