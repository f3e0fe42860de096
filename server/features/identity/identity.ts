import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Person, Session } from '../../../shared/protocol/session.ts';
import type { Viewer } from '../../gateway/call.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { ForeignTokens } from './foreign-tokens.ts';
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
  /** Lower-case e-mails of those who run the platform. */
  operatorEmails: ReadonlySet<string>;
};
type Registration = { name: string; email: string; password: string };

export type Identity = ReturnType<typeof createIdentity>;

/** Who people are: guests with a name, accounts with e-mail and password, and the sessions of both. */
export function createIdentity(needs: Needs) {
  const { people, sessions, accessTokens, revocations, signInLimit, foreignTokens, operatorEmails } = needs;

  return {
    async startAsGuest(name: string, ip: string): Promise<Session> {
      await signInLimit.takeGuest(ip);
      return begin(await people.add({ personId: newId(), kind: 'guest', name, email: null, passwordHash: null }));
    },

    /** A guest who registers keeps their identity. @throws AppError EMAIL_TAKEN. */
    async register({ name, email, password }: Registration, guest: Viewer | null, ip: string): Promise<Session> {
      await signInLimit.takeRegistration(ip);
      const account = {
        name,
        email,
        passwordHash: await hashPassword(password),
        isOperator: operatorEmails.has(email.toLowerCase()),
      };
      const upgraded =
        guest?.kind === 'guest'
          ? await people.upgrade({ personId: guest.personId, kind: 'account', ...account })
          : null;
      return begin(upgraded ?? (await people.add({ personId: newId(), kind: 'account', ...account })));
    },

    /** @throws AppError WRONG_CREDENTIALS, the same for an unknown e-mail; RATE_LIMITED after too many tries. */
    async signIn(email: string, password: string, ip: string): Promise<Session> {
      await signInLimit.takeSignIn(email, ip);
      const person = await people.findByEmail(email);
      if (!(await passwordMatches(person?.passwordHash, password))) throw new AppError('WRONG_CREDENTIALS');
      await signInLimit.forgive(email);
      return begin(person!);
    },

    async exchange(foreignToken: string): Promise<Session> {
      if (!foreignTokens) throw new AppError('NOT_FOUND', 'No foreign identity provider is configured.');
      const { foreignId, name } = await foreignTokens(foreignToken);
      return begin(await people.ofForeign(newId(), name, foreignId));
    },

    async refresh(refreshToken: string): Promise<Session> {
      const nextToken = newRefreshToken();
      const rotation = await sessions.rotate(refreshToken, nextToken);
      if (rotation.outcome !== 'rotated') throw new AppError('SESSION_REVOKED');
      const person = await people.find(rotation.personId);
      if (!person) throw new AppError('SESSION_REVOKED');
      return sessionOf(person, rotation.sessionId, nextToken);
    },

    /** @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED or SESSION_REVOKED. */
    async authenticate(accessToken: string): Promise<Viewer> {
      const viewer = await accessTokens.verify(accessToken);
      if (revocations.has(viewer.sessionId)) throw new AppError('SESSION_REVOKED');
      return viewer;
    },

    async rename(personId: string, name: string): Promise<Person> {
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

  async function begin(person: PersonRow): Promise<Session> {
    const [sessionId, refreshToken] = [newId(), newRefreshToken()];
    await sessions.add(sessionId, person.personId, refreshToken);
    return sessionOf(person, sessionId, refreshToken);
  }

  async function sessionOf(row: PersonRow, sessionId: string, refreshToken: string): Promise<Session> {
    const person = personOf(row);
    const access = await accessTokens.sign({ ...person, sessionId });
    return { person, ...access, refreshToken };
  }
}

const personOf = ({ personId, kind, name, isOperator }: PersonRow): Person => ({
  personId,
  kind,
  name,
  roles: isOperator ? ['operator'] : [],
});

const newRefreshToken = (): string => randomBytes(32).toString('base64url');
