import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { createAccessTokens } from './access-tokens.ts';
import { createForeignTokens } from './foreign-tokens.ts';
import { registerIdentity } from './identity.commands.ts';
import { createIdentity } from './identity.ts';
import { createPeopleStore } from './people.pg.ts';
import { createRevocations, revocationPollMs } from './revocations.ts';
import { createSessionStore } from './sessions.pg.ts';
import { createSignInLimit } from './sign-in-limit.redis.ts';

export type IdentitySettings = {
  tokenSecret: string;
  accessTokenSeconds: number;
  sessionDays: number;
  operatorEmails: readonly string[];
  foreignProvider: { jwksUrl: string; issuer: string; audience: string } | null;
};

export function createIdentityFeature(platform: Platform, settings: IdentitySettings) {
  const { db, redis, nowMs } = platform;
  const { tokenSecret, accessTokenSeconds, sessionDays, operatorEmails, foreignProvider } = settings;
  const sessions = createSessionStore(db, { sessionDays });
  const revocations = createRevocations({ revokedWithin: sessions.revokedWithin, accessTokenSeconds });
  const identity = createIdentity({
    people: createPeopleStore(db),
    sessions,
    accessTokens: createAccessTokens({ secret: tokenSecret, lifeSeconds: accessTokenSeconds, nowMs }),
    revocations,
    signInLimit: createSignInLimit(redis.commands),
    foreignTokens: foreignProvider && createForeignTokens(foreignProvider),
    operatorEmails: new Set(operatorEmails.map((email) => email.toLowerCase())),
  });

  return {
    authenticate: identity.authenticate,
    register(gateway: Gateway): void {
      registerIdentity(gateway, identity);
      revocations.onRevoked((ended) => gateway.sockets.end(({ sessionId }) => ended.has(sessionId)));
      platform.every({ name: 'revocations', role: 'gateway', everyMs: revocationPollMs, run: revocations.refresh });
    },
  };
}
