import { z } from 'zod';
import { limits } from './limits.ts';

/**
 * Characters that have no place in a name: controls, line breaks, and marks that turn the direction of what follows or that
 * nobody can see. (Joiners stay: emoji and several scripts need them.)
 */
const unfitForNames = /[\p{Cc}\p{Zl}\p{Zp}\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/u;

/** A name that people show to each other. */
export const DisplayName = z
  .string()
  .trim()
  .max(limits.displayNameLengthMax)
  .refine((name) => !unfitForNames.test(name), { message: 'has characters that can not be seen' })
  .refine((name) => /[\p{L}\p{N}\p{S}\p{P}]/u.test(name), { message: 'has nothing that can be seen' });
