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
  if (key === kept.key) session.set(kept.read());
});

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
  const token = session.get()?.accessToken;
  keep(null);
  if (token)
    await callHttp<'session:sign-out'>('POST /api/session/sign-out', { body: {}, token }).catch(() => undefined);
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
  const current = session.get();
  if (!current) throw new AppError('UNAUTHENTICATED');
  if (isFresh(current) && !fresh) return current.accessToken;
  renewing ??= inTurn(() => renew(current.accessToken)).finally(() => (renewing = null));
  return renewing;
}

/** @param stale the token that is no longer good enough; a newer one of another tab will do. */
async function renew(stale: string): Promise<string> {
  const latest = kept.read() ?? session.get(); // Another tab may have renewed it while this one waited.
  if (!latest) throw new AppError('SESSION_REVOKED');
  if (isFresh(latest) && latest.accessToken !== stale) {
    session.set(latest);
    return latest.accessToken;
  }
  try {
    const { refreshToken } = latest;
    const next = await callHttp<'session:refresh'>('POST /api/session/refresh', { body: { refreshToken } });
    keep(next);
    return next.accessToken;
  } catch (error) {
    if (error instanceof AppError && error.code === 'SESSION_REVOKED') keep(null);
    throw error;
  }
}

function keep(next: Session | null): void {
  kept.write(next);
  session.set(next);
}

const isFresh = ({ accessExpiresAtMs }: Session): boolean => accessExpiresAtMs - serverNowMs() > renewBeforeMs;

/** One tab at a time. Browsers offer locks on secure pages only; elsewhere a second tab rarely asks in the same instant. */
const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
  'locks' in navigator ? navigator.locks.request('nm:session', work) : work();
