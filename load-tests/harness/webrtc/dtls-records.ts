import { createCipheriv, createDecipheriv } from 'node:crypto';

/** DTLS 1.2 on the wire: records, and handshake messages that may come in several of them (RFC 6347). */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22 } as const;
export const dtlsVersion = Buffer.from([0xfe, 0xfd]);
export type DtlsRecord = { type: number; epoch: number; sequence: Buffer; body: Buffer };
export type GcmKeys = { key: Buffer; salt: Buffer };
export type HandshakeMessage = { type: number; sequence: number; body: Buffer; whole: Buffer };

const recordHeaderBytes = 13;
const messageHeaderBytes = 12;
const tagBytes = 16;

export function recordOf(type: number, epoch: number, count: number, body: Buffer): Buffer {
  const sequence = sequenceOf(epoch, count);
  return Buffer.concat([Buffer.from([type]), dtlsVersion, sequence, uint16(body.length), body]);
}

/** AES-128-GCM: the nonce is the salt of the connection and the record's own number. */
export function sealedRecordOf(type: number, epoch: number, count: number, body: Buffer, keys: GcmKeys): Buffer {
  const sequence = sequenceOf(epoch, count);
  const cipher = createCipheriv('aes-128-gcm', keys.key, Buffer.concat([keys.salt, sequence]));
  cipher.setAAD(Buffer.concat([sequence, Buffer.from([type]), dtlsVersion, uint16(body.length)]));
  const sealed = Buffer.concat([sequence, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  return recordOf(type, epoch, count, sealed);
}

/** @throws Error when it was altered, or sealed with other keys. */
export function openRecord({ type, sequence, body }: DtlsRecord, keys: GcmKeys): Buffer {
  const [nonce, sealed, tag] = [body.subarray(0, 8), body.subarray(8, -tagBytes), body.subarray(-tagBytes)];
  const decipher = createDecipheriv('aes-128-gcm', keys.key, Buffer.concat([keys.salt, nonce]));
  decipher.setAAD(Buffer.concat([sequence, Buffer.from([type]), dtlsVersion, uint16(sealed.length)]));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed), decipher.final()]);
}

export function recordsIn(packet: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  for (let at = 0; at + recordHeaderBytes <= packet.length;) {
    const length = packet.readUInt16BE(at + 11);
    const end = at + recordHeaderBytes + length;
    records.push({
      type: packet[at]!,
      epoch: packet.readUInt16BE(at + 3),
      sequence: packet.subarray(at + 3, at + 11),
      body: packet.subarray(at + recordHeaderBytes, end),
    });
    at = end;
  }
  return records;
}

/** A handshake message in one piece, as it also enters the transcript. */
export function messageOf(type: number, sequence: number, body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([type]),
    uint24(body.length),
    uint16(sequence),
    uint24(0),
    uint24(body.length),
    body,
  ]);
}

/** Puts fragments of handshake messages together; `take` gives those that are complete, in order, each once. */
export function createReassembly() {
  const pieces = new Map<number, { type: number; body: Buffer; missing: number; seen: Set<number> }>();
  let next = 0;

  return {
    add(record: Buffer): void {
      for (let at = 0; at + messageHeaderBytes <= record.length;) {
        const sequence = record.readUInt16BE(at + 4);
        const [length, offset, size] = [at + 1, at + 6, at + 9].map((where) => record.readUIntBE(where, 3)) as [
          number,
          number,
          number,
        ];
        const piece = pieces.get(sequence) ?? {
          type: record[at]!,
          body: Buffer.alloc(length),
          missing: length,
          seen: new Set(),
        };
        if (sequence >= next && !piece.seen.has(offset)) {
          record.copy(piece.body, offset, at + messageHeaderBytes, at + messageHeaderBytes + size);
          piece.missing -= size;
          piece.seen.add(offset);
          pieces.set(sequence, piece);
        }
        at += messageHeaderBytes + size;
      }
    },
    take(): HandshakeMessage | null {
      const piece = pieces.get(next);
      if (!piece || piece.missing > 0) return null;
      pieces.delete(next);
      const { type, body } = piece;
      return { type, sequence: next, body, whole: messageOf(type, next++, body) };
    },
  };
}

const sequenceOf = (epoch: number, count: number): Buffer => Buffer.concat([uint16(epoch), uint48(count)]);
export const uint16 = (value: number): Buffer => uint(value, 2);
export const uint24 = (value: number): Buffer => uint(value, 3);
const uint48 = (value: number): Buffer => uint(value, 6);

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
