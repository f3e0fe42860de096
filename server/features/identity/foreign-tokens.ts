import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { DisplayName, lineOf } from '../../../shared/text.ts';

/** Who brings no name that may be shown. */
export const unnamed = 'Guest';

export type ForeignIdentity = { foreignId: string; name: string };

/** As OpenID Connect bounds it. PostgreSQL keeps no NUL, and no key of any length. */
const Subject = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\0]*$/);

/** Checks tokens of a foreign identity provider against its published keys. */
export function createForeignTokens(provider: { jwksUrl: string; issuer: string; audience: string }) {
  const keys = createRemoteJWKSet(new URL(provider.jwksUrl), { timeoutDuration: 3_000, cooldownDuration: 10_000 });

  /** @throws AppError UNAUTHENTICATED when the token is not theirs, not for us, or expired; UNAVAILABLE when their keys can't be read. */
  return async function check(token: string): Promise<ForeignIdentity> {
    const { issuer, audience } = provider;
    const { payload } = await jwtVerify(token, keys, { issuer, audience, requiredClaims: ['sub', 'exp'] }).catch(
      refuse,
    );
    const subject = Subject.safeParse(payload.sub);
    if (!subject.success) throw new AppError('UNAUTHENTICATED', 'The subject of this token is none that can be kept.');
    return {
      foreignId: `${issuer} ${subject.data}`,
      name: [payload['name'], payload['preferred_username']].map(shownName).find(Boolean) ?? unnamed,
    };
  };
}

/**
 * A claim as a name by the rule of all names. Nobody here chose it, so what can't be seen is left out and what is too long is cut
 * instead of refused; undefined when nothing remains.
 */
function shownName(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const cut = lineOf(claim).slice(0, limits.displayNameLengthMax);
  // Once more: the cut may have gone through a character.
  return DisplayName.safeParse(lineOf(cut)).data;
}

/** The reasons that lie in the token; anything else (a time-out, a broken answer) lies with the provider. */
const faultsOfTheToken = [
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWTClaimValidationFailed,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
];

function refuse(error: unknown): never {
  if (faultsOfTheToken.some((fault) => error instanceof fault)) {
    throw new AppError('UNAUTHENTICATED', 'The identity provider did not sign this token for us.');
  }
  throw new AppError('UNAVAILABLE', 'The identity provider does not answer.', { retryAfterMs: 5_000 });
}

export type ForeignTokens = ReturnType<typeof createForeignTokens>;
