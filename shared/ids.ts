import { v7 } from 'uuid';
import { z } from 'zod';
import { limits } from './limits.ts';

/** Chance for many ids at once: to ask for it each time costs several times the rest of an id. */
const chance = new Uint8Array(4_096);
let chanceUsed = chance.length;
/** As RFC 9562 has it (6.2, method 1): ids of one ms are counted up from a number of chance. */
const latest = { ms: 0, count: 0 };

/** A new id: UUID version 7, so that ids sort by the time they were made. */
export function newId(): string {
  const random = nextChance();
  const nowMs = Date.now();
  if (nowMs > latest.ms) {
    latest.ms = nowMs;
    latest.count = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else latest.count += 1;
  return v7({ random, msecs: latest.ms, seq: latest.count });
}

function nextChance(): Uint8Array {
  if (chanceUsed === chance.length) {
    crypto.getRandomValues(chance);
    chanceUsed = 0;
  }
  chanceUsed += 16;
  return chance.subarray(chanceUsed - 16, chanceUsed);
}

/** When an id was made that `newId` made, Unix ms: the first 48 bits of a UUID version 7. */
export const madeAtMs = (id: string): number => parseInt(id.replaceAll('-', '').slice(0, 12), 16);

/** Id of anything the server made. */
export const Id = z.uuid();

/**
 * Idempotency key of a write, chosen by the client, scoped to the sender. Sending the same key again answers the same
 * and changes nothing; the same key with other contents is refused with KEY_REUSED.
 */
export const RequestKey = z
  .string()
  .min(8)
  .max(limits.requestKeyLengthMax)
  // Neither control characters nor halves of surrogate pairs: databases refuse or replace them.
  .regex(/^\P{C}*$/u);

/** Unix epoch, ms. */
export const UnixMs = z.int().nonnegative();
