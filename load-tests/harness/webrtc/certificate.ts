import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** What a peer proves itself with in DTLS; WebRTC knows it by its fingerprint, so nobody has to have signed it. */
export type Certificate = { der: Buffer; privateKey: KeyObject; fingerprint: string };

const objectId = {
  ecdsaWithSha256: [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x06, 0x03, 0x55, 0x04, 0x03],
} as const;
const tag = { integer: 0x02, bitString: 0x03, utf8: 0x0c, utcTime: 0x17, sequence: 0x30, set: 0x31 } as const;

/** A self-signed P-256 certificate: the least that OpenSSL takes, since Node makes none. */
export function makeCertificate(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(tag.sequence, Buffer.from(objectId.ecdsaWithSha256));
  const name = der(
    tag.sequence,
    der(tag.set, der(tag.sequence, Buffer.from(objectId.commonName), der(tag.utf8, Buffer.from('load')))),
  );
  const validity = der(tag.sequence, utcTime('250101000000Z'), utcTime('490101000000Z'));
  const serial = der(tag.integer, Buffer.from([1]));
  const body = der(
    tag.sequence,
    serial,
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(tag.bitString, Buffer.from([0]), sign('sha256', body, privateKey));
  const whole = der(tag.sequence, body, algorithm, signature);
  return { der: whole, privateKey, fingerprint: fingerprintOf(whole) };
}

/** SHA-256 as SDP writes it. */
const fingerprintOf = (whole: Buffer): string =>
  createHash('sha256')
    .update(whole)
    .digest('hex')
    .toUpperCase()
    .replaceAll(/..(?=.)/g, '$&:');

const utcTime = (text: string): Buffer => der(tag.utcTime, Buffer.from(text));

function der(type: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}
