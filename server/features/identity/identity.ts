import { createHmac, randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import { Id, newId } from '../../../shared/ids.ts';
import type { Person, Session } from '../../../shared/protocol/session.ts';
import type { Viewer } from '../../gateway/call.ts';
import type { AccessTokens } from './access-tokens.ts';
import { unnamed, type ForeignTokens } from './foreign-tokens.ts';
import { hashPassword, passwordMatches } from './passwords.ts';
import type { PeopleStore, PersonRow } from './people.pg.ts';
import type { Revocations } from './revocations.ts';
import type { SessionStore } from './sessions.pg.ts';
import type { SignInLimit } from './sign-in-limit.redis.ts';

type Needs = {
  people: PeopleStore;
  sessions: SessionStore;
  accessTokens: AccessTokens;
  revocations: Revocations;
  signInLimit: SignInLimit;
  foreignTokens: ForeignTokens | null;
  /** Of this installation: what follows a refresh secret is known to whoever holds it. */
  tokenSecret: string;
  /** Ids of the people who run the platform. Not e-mails: whoever registers one first would have it. */
  operators: ReadonlySet<string>;
  /** Whether others may be shown a name. */
  isNameAllowed: (name: string) => Promise<boolean>;
};
type Registration = { name: string; email: string; password: string };

export type Identity = ReturnType<typeof createIdentity>;

/** Who people are: guests with a name, accounts with e-mail and password, and the sessions of both. */
export function createIdentity(needs: Needs) {
  const {
    people,
    sessions,
    accessTokens,
    revocations,
    signInLimit,
    foreignTokens,
    tokenSecret,
    operators,
    isNameAllowed,
  } = needs;

  return {
    async startAsGuest(name: string, network: string): Promise<Session> {
      await signInLimit.takeGuest(network);
      await checkName(name);
      return begin(await people.add({ personId: newId(), kind: 'guest', name, email: null, passwordHash: null }));
    },

    /** A guest who registers keeps their identity, and no session but the one that begins. @throws AppError EMAIL_TAKEN. */
    async register({ name, email, password }: Registration, guest: Viewer | null, network: string): Promise<Session> {
      await signInLimit.takeRegistration(network);
      // A guest keeps the name they have, whatever was banned since.
      if (name !== guest?.name) await checkName(name);
      const account = { name, email, passwordHash: await hashPassword(password) };
      const upgraded =
        guest?.kind === 'guest'
          ? await people.upgrade({ personId: guest.personId, kind: 'account', ...account })
          : null;
      return begin(upgraded ?? (await people.add({ personId: newId(), kind: 'account', ...account })));
    },

    /** @throws AppError WRONG_CREDENTIALS, the same for an unknown e-mail; RATE_LIMITED after too many tries. */
    async signIn(email: string, password: string, network: string): Promise<Session> {
      await signInLimit.takeSignIn(email, network);
      const person = await people.findByEmail(email);
      if (!(await passwordMatches(person?.passwordHash, password))) throw new AppError('WRONG_CREDENTIALS');
      await signInLimit.welcome(email, network);
      return begin(person!);
    },

    /** A foreign token is good for any number of sessions while it lives, so they are limited. @throws AppError RATE_LIMITED. */
    async exchange(foreignToken: string, network: string): Promise<Session> {
      if (!foreignTokens) throw new AppError('NOT_FOUND', 'No foreign identity provider is configured.');
      await signInLimit.takeExchange(network);
      const { foreignId, name } = await foreignTokens(foreignToken);
      await signInLimit.takeForeign(foreignId);
      // They did not choose it here, and are let in: a name with a banned word in it is only not shown.
      return begin(await people.ofForeign(newId(), (await isNameAllowed(name)) ? name : unnamed, foreignId));
    },

    /**
     * Two tabs that refresh at once, and one whose answer got lost, are given the same token.
     *
     * @throws AppError SESSION_REVOKED when the token is not the newest of its session, which then ends.
     */
    async refresh(refreshToken: string): Promise<Session> {
      const [sessionId, secret] = splitRefreshToken(refreshToken);
      const nextSecret = refreshSecretAfter(refreshToken);
      const rotation = await sessions.rotate(sessionId, secret, nextSecret);
      const person = rotation.outcome === 'rotated' ? await people.find(rotation.personId) : null;
      if (!person) throw new AppError('SESSION_REVOKED');
      return sessionOf(person, sessionId, nextSecret);
    },

    /** @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED or SESSION_REVOKED. */
    async authenticate(accessToken: string): Promise<Viewer> {
      const viewer = accessTokens.verify(accessToken);
      if (revocations.has(viewer.sessionId)) throw new AppError('SESSION_REVOKED');
      return viewer;
    },

    async rename(personId: string, name: string): Promise<Person> {
      await checkName(name);
      return personOf(await people.rename(personId, name));
    },

    /** Ends this session or all of the person's. Open sockets close when the gateways look next. */
    async signOut(viewer: Viewer, everywhere: boolean): Promise<number> {
      const ended = await sessions.revoke(viewer.personId, everywhere ? null : viewer.sessionId);
      // Not waited for: it closes the very socket this is answered on. Should it fail, the next look does the same.
      void revocations.refresh().catch(() => undefined);
      return ended;
    },
  };

  /** What nobody may say in a chat, nobody shows to all of it as a name. @throws AppError BAD_INPUT. */
  async function checkName(name: string): Promise<void> {
    if (!(await isNameAllowed(name)))
      throw new AppError('BAD_INPUT', 'name: a word in it is not allowed here', { reason: 'name-not-allowed' });
  }

  function personOf({ personId, kind, name }: PersonRow): Person {
    return { personId, kind, name, roles: operators.has(personId) ? ['operator'] : [] };
  }

  function refreshSecretAfter(refreshToken: string): string {
    return createHmac('sha256', tokenSecret).update(`refresh token after ${refreshToken}`).digest('base64url');
  }

  async function begin(person: PersonRow): Promise<Session> {
    const [sessionId, refreshSecret] = [newId(), newRefreshSecret()];
    await sessions.add(sessionId, person.personId, refreshSecret);
    return sessionOf(person, sessionId, refreshSecret);
  }

  function sessionOf(row: PersonRow, sessionId: string, refreshSecret: string): Session {
    const person = personOf(row);
    const access = accessTokens.sign({ ...person, sessionId });
    return { person, ...access, refreshToken: `${sessionId}.${refreshSecret}` };
  }
}

const newRefreshSecret = (): string => randomBytes(32).toString('base64url');

/** A refresh token names its session, so that an old one is known for what it is however often it was replaced since. */
function splitRefreshToken(refreshToken: string): [sessionId: string, secret: string] {
  const [sessionId = '', secret = '', ...more] = refreshToken.split('.');
  if (!Id.safeParse(sessionId).success || !secret || more.length > 0) throw new AppError('SESSION_REVOKED');
  return [sessionId, secret];
}
