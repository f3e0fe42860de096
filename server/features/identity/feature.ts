import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { createAccessTokens } from './access-tokens.ts';
import { createForeignTokens } from './foreign-tokens.ts';
import { forgetGoneGuests } from './gone-guests.pg.ts';
import { registerIdentity } from './identity.commands.ts';
import { createIdentity } from './identity.ts';
import { createPeopleStore } from './people.pg.ts';
import { createRevocations, revocationPollMs } from './revocations.ts';
import { createSessionStore, forgetEndedSessions } from './sessions.pg.ts';
import { createSignInLimit } from './sign-in-limit.redis.ts';

export type IdentitySettings = {
  tokenSecret: string;
  accessTokenSeconds: number;
  sessionDays: number;
  operators: readonly string[];
  foreignProvider: { jwksUrl: string; issuer: string; audience: string } | null;
  /** Late, because moderation is made after people. Whether others may be shown a name. */
  isNameAllowed: (name: string) => Promise<boolean>;
};

const forgetEveryMs = 60 * 60 * 1_000;

export function createIdentityFeature(platform: Platform, settings: IdentitySettings) {
  const { db, redis, nowMs } = platform;
  const { tokenSecret, accessTokenSeconds, sessionDays, operators, foreignProvider, isNameAllowed } = settings;
  const sessions = createSessionStore(db, { sessionDays });
  const revocations = createRevocations({ revokedWithin: sessions.revokedWithin, metrics: platform.metrics });
  const identity = createIdentity({
    people: createPeopleStore(db),
    sessions,
    accessTokens: createAccessTokens({ secret: tokenSecret, lifeSeconds: accessTokenSeconds, nowMs }),
    revocations,
    signInLimit: createSignInLimit(redis.commands),
    tokenSecret,
    foreignTokens: foreignProvider && createForeignTokens(foreignProvider),
    operators: new Set(operators),
    isNameAllowed,
  });

  return {
    authenticate: identity.authenticate,
    /** Resolves when the sessions that were ended recently are known. */
    async register(gateway: Gateway): Promise<void> {
      registerIdentity(gateway, identity);
      revocations.onRevoked((ended) => gateway.sockets.end(({ sessionId }) => ended.has(sessionId)));
      platform.every({ name: 'revocations', role: 'gateway', everyMs: revocationPollMs, run: revocations.refresh });
      platform.every({
        name: 'ended sessions',
        everyMs: forgetEveryMs,
        exclusive: true,
        run: () => forgetEndedSessions(db),
      });
      platform.every({ name: 'gone guests', everyMs: forgetEveryMs, exclusive: true, run: () => forgetGoneGuests(db) });
      await revocations.refresh();
    },
  };
}
