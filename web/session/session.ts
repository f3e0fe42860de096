import { AppError } from '../../shared/errors.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { createKept } from '../state/kept.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { createStore } from '../state/store.ts';
import { callHttp } from './http.ts';

/** A token is renewed this long before it ends, so that no request meets an expired one. */
const renewBeforeMs = 60_000;

const kept = createKept<Session>('nm:session', (raw) =>
  typeof raw === 'object' && raw !== null && 'refreshToken' in raw ? (raw as Session) : null,
);

/** Who the person is in this browser; null before they chose a name. All tabs share it. */
export const session = createStore<Session | null>(kept.read());

addEventListener('storage', ({ key }) => {
  if (key === kept.key || key === null) session.set(kept.read()); // Null: everything was cleared.
});

/** Calls back whenever somebody else is here than before, or nobody: what a page knew of the one before is not theirs. */
export function onOtherPerson(forget: () => void): void {
  let personId = person()?.personId;
  session.subscribe(() => {
    if (person()?.personId === personId) return;
    personId = person()?.personId;
    forget();
  });
}

export const person = () => session.get()?.person ?? null;

export async function startAsGuest(name: string): Promise<void> {
  keep(await callHttp<'session:guest'>('POST /api/session/guest', { body: { name } }));
}

/** A guest who registers stays the same person. */
export async function register(input: { name: string; email: string; password: string }): Promise<void> {
  const token = session.get() ? await accessToken() : null;
  keep(await callHttp<'session:register'>('POST /api/session/register', { body: input, token }));
}

export async function signIn(email: string, password: string): Promise<void> {
  keep(await callHttp<'session:sign-in'>('POST /api/session/sign-in', { body: { email, password } }));
}

export async function signOut(): Promise<void> {
  const left = session.get();
  keep(null);
  // Asked once more when the first try is lost: the machine may be everybody's.
  if (left) await endAtServer(left).catch(() => endAtServer(left).catch(() => undefined));
}

/** With a token that is still good: the server does not know who goes by an old one. */
async function endAtServer(left: Session): Promise<void> {
  const { accessToken: token } = isFresh(left) ? left : await refreshed(left);
  await callHttp<'session:sign-out'>('POST /api/session/sign-out', { body: {}, token });
}

/** The server ended the session: this browser knows nobody any more. */
export const forgetSession = (): void => keep(null);

let renewing: Promise<string> | null = null;

/**
 * A token that is good for a while, renewed when needed. A refresh token works once, so tabs take turns.
 *
 * @throws AppError UNAUTHENTICATED without a session, SESSION_REVOKED when it was ended elsewhere.
 */
export async function accessToken(fresh = false): Promise<string> {
  const current = caughtUp();
  if (!current) throw new AppError('UNAUTHENTICATED');
  if (isFresh(current) && !fresh) return current.accessToken;
  renewing ??= inTurn(() => renew(current.accessToken)).finally(() => (renewing = null));
  return renewing;
}

/** @param stale the token that is no longer good enough; a newer one of another tab will do. */
async function renew(stale: string): Promise<string> {
  const latest = known(); // Another tab may have renewed it while this one waited.
  if (!latest) throw new AppError('SESSION_REVOKED');
  if (isFresh(latest) && latest.accessToken !== stale) {
    session.set(latest);
    return latest.accessToken;
  }
  try {
    const next = await refreshed(latest);
    const now = known();
    if (now?.refreshToken === latest.refreshToken) {
      keep(next);
      return next.accessToken;
    }
    // Another tab renewed it at the same time; or the person signed out meanwhile, or in as somebody else, and that stays.
    if (now?.person.personId !== latest.person.personId) throw new AppError('SESSION_REVOKED');
    return now.accessToken;
  } catch (error) {
    const isRevoked = error instanceof AppError && error.code === 'SESSION_REVOKED';
    if (isRevoked && known()?.refreshToken === latest.refreshToken) keep(null);
    throw error;
  }
}

/** What all tabs know, also what this one has not heard of yet. */
const known = (): Session | null => kept.read();

/** The session of now, when another tab has begun or renewed it and its word is still on the way. */
function caughtUp(): Session | null {
  const latest = known();
  if (latest?.accessToken !== session.get()?.accessToken) session.set(latest);
  return latest;
}

const refreshed = ({ refreshToken }: Session): Promise<Session> =>
  callHttp<'session:refresh'>('POST /api/session/refresh', { body: { refreshToken } });

function keep(next: Session | null): void {
  kept.write(next);
  session.set(next);
}

const isFresh = ({ accessExpiresAtMs }: Session): boolean => accessExpiresAtMs - serverNowMs() > renewBeforeMs;

/** One tab at a time. Browsers offer locks on secure pages only; elsewhere a second tab rarely asks in the same instant. */
const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
  'locks' in navigator ? navigator.locks.request('nm:session', work) : work();
