import { v7 } from 'uuid';
import { z } from 'zod';
import { limits } from './limits.ts';

/** A new id: UUID version 7, so that ids sort by the time they were made. */
export const newId = (): string => v7();

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
