import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { DisplayName } from '../text.ts';
import { command } from './define.ts';

/** What others see of a person. Never the e-mail. */
export const Person = z.object({
  personId: Id,
  kind: z.enum(['guest', 'account']),
  name: z.string(),
  roles: z.array(z.enum(['operator'])),
});
export type Person = z.infer<typeof Person>;

/** Keyboards of phones put a blank behind what they complete. */
const Email = z.string().trim().pipe(z.email().max(limits.emailLengthMax));
const Password = z.string().min(limits.passwordLengthMin).max(limits.passwordLengthMax);

/** Tokens of one session. The access token is a JWT; the refresh token works once and is replaced at each refresh. */
export const Session = z.object({
  person: Person,
  accessToken: z.string(),
  accessExpiresAtMs: UnixMs,
  refreshToken: z.string(),
});
export type Session = z.infer<typeof Session>;

export const sessionCommands = {
  'session:guest': command({
    summary: 'Starts a session as a guest: a display name, nothing else.',
    input: z.strictObject({ name: DisplayName }),
    output: Session,
    http: { method: 'POST', path: '/api/session/guest' },
  }),
  'session:register': command({
    summary:
      'Makes an account and starts a session. A guest who sends their token keeps their identity; their sessions from before end.',
    input: z.strictObject({ name: DisplayName, email: Email, password: Password }),
    output: Session,
    http: { method: 'POST', path: '/api/session/register' },
  }),
  'session:sign-in': command({
    summary: 'Starts a session with e-mail and password.',
    input: z.strictObject({ email: Email, password: z.string().max(limits.passwordLengthMax) }),
    output: Session,
    http: { method: 'POST', path: '/api/session/sign-in' },
  }),
  'session:exchange': command({
    summary: 'Starts a session with a token of the configured foreign identity provider.',
    input: z.strictObject({ token: z.string().max(8_192) }),
    output: Session,
    http: { method: 'POST', path: '/api/session/exchange' },
  }),
  'session:refresh': command({
    summary: 'Replaces both tokens. A refresh token that was replaced before ends the session: somebody has stolen it.',
    input: z.strictObject({ refreshToken: z.string().max(200) }),
    output: Session,
    http: { method: 'POST', path: '/api/session/refresh' },
  }),
  'session:renew': command({
    summary: 'Gives an open socket a fresh access token, so that it may stay connected.',
    input: z.strictObject({ accessToken: z.string().max(4_096) }),
    output: z.object({ accessExpiresAtMs: UnixMs }),
  }),
  'session:who': command({
    summary: 'Tells who the token belongs to.',
    input: z.strictObject({}),
    output: Person,
    http: { method: 'GET', path: '/api/session' },
  }),
  'session:rename': command({
    summary: 'Changes the display name: on this socket at once, elsewhere from the next refresh on.',
    input: z.strictObject({ name: DisplayName }),
    output: Person,
    http: { method: 'PATCH', path: '/api/session' },
  }),
  'session:sign-out': command({
    summary: 'Ends this session, or all sessions of this person; open sockets close within 5 s.',
    input: z.strictObject({ everywhere: z.boolean().default(false) }),
    output: z.object({ ended: z.int() }),
    http: { method: 'POST', path: '/api/session/sign-out' },
  }),
};

export const sessionNotices = {
  /** The first word on every socket: what time it is at the server, so that deadlines are shown by its clock. */
  'session:started': z.object({ serverNowMs: UnixMs }),
  /** A command came without an acknowledgement callback, so there was no other way to answer it. */
  'command:refused': z.object({
    command: z.string(),
    error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }),
  }),
  /** The socket closes right after this. `SESSION_REVOKED`: sign in again; `TOKEN_EXPIRED`: refresh and reconnect. */
  'session:ended': z.object({
    code: z.enum(['SESSION_REVOKED', 'TOKEN_EXPIRED', 'DRAINING', 'SLOW_READER', 'FLOODING']),
  }),
};
