import argon2 from 'argon2';
import { createTurns } from '../../platform/turns.ts';

/** argon2id with OWASP's parameters of 2024: 19 MiB, two passes, one lane. */
const parameters = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * Of the four threads that files, names and compression need too, passwords take two. Who would wait for longer than a few
 * seconds is asked to come again: thousands of sign-ins at once would keep the process from everything else for a minute.
 */
const inTurn = createTurns({ atOnce: 2, waitingMax: 200, retryAfterMs: 1_000 });

/** @throws AppError RETRY when too many passwords wait. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => argon2.hash(password, parameters));

/** A hash of the same cost, of no password that anybody knows. */
const { memoryCost, timeCost, parallelism } = parameters;
const decoy = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$bm8gc2FsdCBhdCBhbGwuLg$bm9ib2R5IGhhcyB0aGlzIHBhc3N3b3JkLCBldmVyIQo`;

/**
 * Takes as long for an unknown account as for a known one, so that time tells nobody who is registered here.
 *
 * @throws AppError RETRY when too many passwords wait.
 */
export async function passwordMatches(hash: string | null | undefined, password: string): Promise<boolean> {
  const matches = await inTurn(() => argon2.verify(hash ?? decoy, password));
  return matches && hash !== null && hash !== undefined;
}
