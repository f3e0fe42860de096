import { AppError } from '../shared/errors.ts';
import type { Session } from './room/session.ts';
import { restartFragment, ufragOf, type IceSection } from './sdp/fragment.ts';

/** ICE user names of one client that are remembered, the newest ones. Beyond: a candidate that is so late counts as a restart. */
const namesMax = 10;
/** Restarts of one session in a minute. Beyond: refused until it is over; who changes networks so often had better begin anew. */
const perMinuteMax = 20;

/** A restart under a user name. `etagBefore`: of the ICE session it ended. `done`: when our new credentials stand. */
type Restart = { ufrag: string; etagBefore: string; done: Promise<unknown> };
type Restarts = { names: Set<string>; section: IceSection; sinceMs: number; count: number; latest?: Restart };
/** What an offer says of ICE. */
export type OfferedIce = { ufrag: string; section: IceSection };

/** What a client sends, and what it is told: `fragment` is null when nothing changed. */
type Asked = { ifMatch: string | null; fragment: string };
type Told = { fragment: string | null; etag: string };

/** Trickle ICE of WHIP and WHEP (RFC 9725, 4.3): tells candidates from ICE restarts, which come under a new user name. */
export function createIceRestarts(nowMs: () => number) {
  const bySession = new WeakMap<Session, Restarts>();

  return {
    /** @throws AppError STALE_ETAG, BAD_INPUT, RATE_LIMITED */
    async patch(session: Session, { ifMatch, fragment }: Asked): Promise<Told> {
      const ufrag = ufragOf(fragment);
      const repeated = latestUnder(session, ufrag);
      if (repeated && ifMatch !== null && matches(ifMatch, repeated.etagBefore)) {
        await repeated.done;
        return restarted(session);
      }
      // OBS sends no ETag, and RFC 9725 has `*` for restarts. A wrong one belongs to an ICE session that is over.
      if (ifMatch !== null && !matches(ifMatch, etagOf(session))) throw new AppError('STALE_ETAG');
      // A candidate, of this ICE session or late of one before. We are ICE-lite: the client finds us, not we it.
      if (restartsOf(session).names.has(ufrag)) return { fragment: null, etag: etagOf(session) };
      await restart(session, ufrag);
      return restarted(session);
    },
    /** A session was made by an offer, whose user name restarts nothing. */
    begin(session: Session, { ufrag, section: { type, mid } }: OfferedIce): void {
      restartsOf(session).section = { type, mid };
      remember(session, ufrag);
    },
  };

  /** What a client is told of the ICE session that has begun. */
  function restarted(session: Session): Told {
    return { fragment: restartFragment(session.transport, restartsOf(session).section), etag: etagOf(session) };
  }

  /** The latest restart, if it was asked for under this user name: its answer may have been lost. */
  function latestUnder(session: Session, ufrag: string): Restart | undefined {
    const { latest } = restartsOf(session);
    return latest?.ufrag === ufrag ? latest : undefined;
  }

  /** One that failed can be asked for again. */
  async function restart(session: Session, ufrag: string): Promise<void> {
    countOne(session);
    // Before the wait: candidates that overtake the answer belong to this restart and are none of their own.
    const restarts = restartsOf(session);
    const name = remember(session, ufrag);
    const latest: Restart = { ufrag: name, etagBefore: etagOf(session), done: session.transport.restartIce() };
    restarts.latest = latest;
    await latest.done.catch((error: unknown) => {
      restarts.names.delete(name);
      if (restarts.latest === latest) delete restarts.latest;
      throw error;
    });
  }

  function remember(session: Session, ufrag: string): string {
    const { names } = restartsOf(session);
    const name = Buffer.from(ufrag).toString(); // A copy: as a part of what was sent it would keep all of that in memory.
    names.add(name);
    if (names.size > namesMax) names.delete(names.values().next().value!);
    return name;
  }

  function countOne(session: Session): void {
    const restarts = restartsOf(session);
    const passedMs = nowMs() - restarts.sinceMs;
    if (passedMs >= 60_000) Object.assign(restarts, { sinceMs: nowMs(), count: 0 });
    else if (restarts.count >= perMinuteMax)
      throw new AppError('RATE_LIMITED', 'Too many ICE restarts.', { retryAfterMs: Math.ceil(60_000 - passedMs) });
    restarts.count += 1;
  }

  function restartsOf(session: Session): Restarts {
    const none = { names: new Set<string>(), section: { type: 'audio', mid: '0' }, sinceMs: nowMs(), count: 0 };
    const restarts: Restarts = bySession.get(session) ?? none;
    bySession.set(session, restarts);
    return restarts;
  }
}

/** Names the ICE session of a client: another one after each restart. */
export const etagOf = ({ transport }: Pick<Session, 'transport'>): string =>
  `"${transport.iceParameters.usernameFragment}"`;

/** An If-Match header: a list of ETags, or `*`. Ours have no commas in them. */
const matches = (ifMatch: string, etag: string): boolean =>
  ifMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag);
