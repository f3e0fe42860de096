import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Who may watch which room with a WHEP player. */
export type WatchGrant = { roomId: string; personId: string; expiresAtMs: number };
export type WatchGrants = ReturnType<typeof createWatchGrants>;

/**
 * Longer than a show: a player has nothing but its grant to come back with, after hours too. A shorter life would keep nobody out,
 * since whether the person still may watch is asked each time it is used, and while they watch.
 */
const lifeMs = 12 * 3_600_000;
const Body = z.object({ roomId: z.string(), personId: z.string(), expiresAtMs: z.int() });

/** Grants are signed and not kept: any gateway can check one. Whether the person still may watch is asked when it is used. */
export function createWatchGrants({ secret, nowMs }: { secret: string; nowMs: () => number }) {
  // A key of its own: a grant must never pass for anything else that is signed with this secret.
  const key = createSecretKey(createHmac('sha256', secret).update('watch grant').digest());
  const signatureOf = (body: string): Buffer => createHmac('sha256', key).update(body).digest();

  return {
    grant(roomId: string, personId: string): { token: string; expiresAtMs: number } {
      const expiresAtMs = nowMs() + lifeMs;
      const body = Buffer.from(JSON.stringify({ roomId, personId, expiresAtMs })).toString('base64url');
      return { token: `nmw_${body}.${signatureOf(body).toString('base64url')}`, expiresAtMs };
    },
    /** Null when it is not ours, altered, or too old. */
    read(token: string): WatchGrant | null {
      const [, body, signature] = /^nmw_([\w-]+)\.([\w-]+)$/.exec(token) ?? [];
      if (!body || !signature || !isEqual(Buffer.from(signature, 'base64url'), signatureOf(body))) return null;
      const grant = Body.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
      return grant.expiresAtMs > nowMs() ? grant : null;
    },
  };
}

const isEqual = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);
