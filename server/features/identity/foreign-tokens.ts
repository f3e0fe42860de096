import { createRemoteJWKSet, jwtVerify } from 'jose';
import { AppError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';

export type ForeignIdentity = { foreignId: string; name: string };

/** Checks tokens of a foreign identity provider against its published keys. */
export function createForeignTokens(provider: { jwksUrl: string; issuer: string; audience: string }) {
  const keys = createRemoteJWKSet(new URL(provider.jwksUrl), { timeoutDuration: 3_000, cooldownDuration: 10_000 });

  /** @throws AppError UNAUTHENTICATED when the token is not theirs, not for us, or expired. */
  return async function check(token: string): Promise<ForeignIdentity> {
    const { issuer, audience } = provider;
    const { payload } = await jwtVerify(token, keys, { issuer, audience, requiredClaims: ['sub', 'exp'] }).catch(() => {
      throw new AppError('UNAUTHENTICATED', 'The identity provider did not sign this token for us.');
    });
    const name = [payload['name'], payload['preferred_username']].find(isName) ?? 'Guest';
    return {
      foreignId: `${issuer} ${payload.sub}`,
      name: name.trim().slice(0, limits.displayNameLengthMax),
    };
  };
}

const isName = (claim: unknown): claim is string => typeof claim === 'string' && claim.trim() !== '';

export type ForeignTokens = ReturnType<typeof createForeignTokens>;
