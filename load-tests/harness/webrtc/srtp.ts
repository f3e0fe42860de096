import { createCipheriv, createHmac } from 'node:crypto';

/** Keys of one direction, derived from the master key and salt (RFC 3711, AES_CM_128_HMAC_SHA1_80). */
type StreamKeys = { key: Buffer; authKey: Buffer; salt: Buffer };

const keyBytes = 16;
const authKeyBytes = 20;
const saltBytes = 14;
const tagBytes = 10;
const label = { rtpKey: 0, rtpAuth: 1, rtpSalt: 2, rtcpKey: 3, rtcpAuth: 4, rtcpSalt: 5 } as const;
const rtpHeaderBytes = 12;
const rtcpHeaderBytes = 8;
/** Above the index of an RTCP packet. */
const isEncrypted = 0x80_00_00_00;

/** Protects RTP packets with a 12-byte header. `rollovers`: how often the sequence number has begun anew. */
export function createSrtpSender(master: Buffer) {
  const { key, authKey, salt } = derive(master, label.rtpKey, label.rtpAuth, label.rtpSalt);
  return function protect(rtp: Buffer, rollovers: number): Buffer {
    const iv = counterOf(salt, rtp.readUInt32BE(8), rollovers * 65_536 + rtp.readUInt16BE(2));
    const payload = createCipheriv('aes-128-ctr', key, iv).update(rtp.subarray(rtpHeaderBytes));
    const sent = Buffer.concat([rtp.subarray(0, rtpHeaderBytes), payload]);
    const rollover = Buffer.alloc(4);
    rollover.writeUInt32BE(rollovers);
    const tag = createHmac('sha1', authKey).update(sent).update(rollover).digest().subarray(0, tagBytes);
    return Buffer.concat([sent, tag]);
  };
}

/** Protects RTCP packets. */
export function createSrtcpSender(master: Buffer) {
  const { key, authKey, salt } = derive(master, label.rtcpKey, label.rtcpAuth, label.rtcpSalt);
  let index = 0;
  return function protect(rtcp: Buffer): Buffer {
    index += 1;
    const iv = counterOf(salt, rtcp.readUInt32BE(4), index);
    const body = createCipheriv('aes-128-ctr', key, iv).update(rtcp.subarray(rtcpHeaderBytes));
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE((isEncrypted | index) >>> 0);
    const sent = Buffer.concat([rtcp.subarray(0, rtcpHeaderBytes), body, trailer]);
    return Buffer.concat([sent, createHmac('sha1', authKey).update(sent).digest().subarray(0, tagBytes)]);
  };
}

/** Reads RTCP packets of the other side. Whether they were altered is not looked at. */
export function createSrtcpReader(master: Buffer) {
  const { key, salt } = derive(master, label.rtcpKey, label.rtcpAuth, label.rtcpSalt);
  return function read(packet: Buffer): Buffer {
    const end = packet.length - tagBytes - 4;
    const index = packet.readUInt32BE(end) & 0x7fffffff;
    const iv = counterOf(salt, packet.readUInt32BE(4), index);
    const body = createCipheriv('aes-128-ctr', key, iv).update(packet.subarray(rtcpHeaderBytes, end));
    return Buffer.concat([packet.subarray(0, rtcpHeaderBytes), body]);
  };
}

function derive(master: Buffer, keyLabel: number, authLabel: number, saltLabel: number): StreamKeys {
  const masterKey = master.subarray(0, keyBytes);
  const masterSalt = master.subarray(keyBytes, keyBytes + saltBytes);
  const derived = (which: number, bytes: number): Buffer => {
    const iv = Buffer.concat([masterSalt, Buffer.alloc(2)]);
    iv[7]! ^= which;
    return createCipheriv('aes-128-ctr', masterKey, iv).update(Buffer.alloc(bytes));
  };
  return {
    key: derived(keyLabel, keyBytes),
    authKey: derived(authLabel, authKeyBytes),
    salt: derived(saltLabel, saltBytes),
  };
}

/** Where AES counts from: the salt, the stream and the packet's number laid over each other. */
function counterOf(salt: Buffer, ssrc: number, index: number): Buffer {
  const iv = Buffer.concat([salt, Buffer.alloc(2)]);
  iv.writeUInt32BE((iv.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  const high = Math.floor(index / 2 ** 32);
  iv.writeUInt16BE(iv.readUInt16BE(8) ^ (high & 0xffff), 8);
  iv.writeUInt32BE((iv.readUInt32BE(10) ^ (index % 2 ** 32)) >>> 0, 10);
  return iv;
}
