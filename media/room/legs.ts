import { AppError } from '../../shared/errors.ts';
import { homeCodecs } from '../codecs.ts';
import { mediaProcessLimits } from '../limits.ts';
import type { MediaWorker, Workers } from '../workers.ts';
import type { Dialect } from './dialect.ts';
import { createLeg, type Leg } from './leg.ts';
import type { SessionRequest } from './session.ts';

/** The dialect of the home leg, which mediasoup-client adapts to and most WHEP players happen to speak. */
export const homeDialect: Dialect = { name: 'home', codecs: homeCodecs };

type Needs = { workers: Workers; loadMax: number | undefined };
/** Whose session a leg is for. */
type Taker = Pick<SessionRequest, 'ownerId' | 'network'>;
/** A leg, or one that is being made, how many sessions it is held for, and with whose it came; home came with nobody's. */
type Held = {
  dialect: string;
  mediaWorker: MediaWorker;
  leg: Promise<Leg>;
  holders: number;
  first: Taker | null;
};

/** The routers of one room: home, where publishers send to, and as many more as dialects and load ask for. */
export function createLegs({ workers, loadMax = mediaProcessLimits.workerLoadMax }: Needs) {
  const legs = new Map<string, Held>();

  return {
    count: (): number => legs.size,
    /** The leg publishers send to. */
    takeHome: (): Promise<Leg> => take('home', homeDialect, workers.leastLoaded),
    /** A leg for one viewer: of their dialect, on a worker that has capacity left. */
    takeFor(dialect: Dialect, taker: Taker): Promise<Leg> {
      const speaking = [...legs].filter(([, held]) => held.dialect === dialect.name);
      const roomy = speaking.filter(([, held]) => held.mediaWorker.load() < loadMax);
      const found = leastLoaded(roomy) ?? (canGrow(speaking) ? undefined : leastLoaded(speaking));
      if (found) return take(found[0], dialect, () => found[1].mediaWorker);
      if (speaking.length === 0 && dialect !== homeDialect) refuseTooMany(taker);
      const mediaWorker = workers.leastLoaded();
      return take(nameOn(dialect, mediaWorker), dialect, () => mediaWorker, taker);
    },
    /** Gives a leg back. One that serves nobody is closed; home not before the others, as their streams come from it. */
    release(leg: Leg): void {
      leg.mediaWorker.expect(-1);
      // One whose worker died is forgotten already; another may have its name by now.
      const held = leg.router.closed ? undefined : legs.get(leg.name);
      if (held) held.holders -= 1;
      for (const [name, idle] of legs) if (idle.holders === 0 && name !== 'home') drop(name, idle);
      const home = legs.get('home');
      if (home?.holders === 0 && legs.size === 1) drop('home', home);
    },
  };

  /** Another worker has capacity, and no leg of this dialect yet. */
  function canGrow(speaking: [string, Held][]): boolean {
    const target = workers.leastLoaded();
    return target.load() < loadMax && !speaking.some(([, { mediaWorker }]) => mediaWorker === target);
  }

  function nameOn(dialect: Dialect, mediaWorker: MediaWorker): string {
    const isFirst = dialect.name === 'home' && !legs.has('home');
    return isFirst ? 'home' : `${dialect.name}@${mediaWorker.index}`;
  }

  async function take(
    name: string,
    dialect: Dialect,
    chooseWorker: () => MediaWorker,
    taker: Taker | null = null,
  ): Promise<Leg> {
    const held = legs.get(name) ?? make(name, dialect, chooseWorker(), taker);
    held.holders += 1;
    // From this moment on, and not from when it costs something: a crowd that waits for its stream must not all be on one worker then.
    held.mediaWorker.expect(1);
    return held.leg.catch((error: unknown) => {
      held.mediaWorker.expect(-1);
      throw error;
    });
  }

  function make(name: string, dialect: Dialect, mediaWorker: MediaWorker, taker: Taker | null): Held {
    const leg = createLeg({ name, dialect: dialect.name, mediaWorker, codecs: dialect.codecs });
    const first = taker && { ownerId: taker.ownerId, network: taker.network };
    const held = { dialect: dialect.name, mediaWorker, leg, holders: 0, first };
    legs.set(name, held);
    leg.then(
      ({ router }) => router.observer.once('close', () => forget(name, held)),
      () => forget(name, held),
    );
    return held;
  }

  /** Before one more dialect: home is none that somebody has brought. */
  function refuseTooMany({ ownerId, network }: Taker): void {
    const brought = [...legs.values()].filter(({ dialect }) => dialect !== homeDialect.name);
    const countOf = (held: readonly Held[]): number => new Set(held.map(({ dialect }) => dialect)).size;
    const { dialectsPerRoomMax, dialectsPerOwnerMax, dialectsPerNetworkMax } = mediaProcessLimits;
    const own = brought.filter(({ first }) => first?.ownerId === ownerId);
    const near = network === undefined ? [] : brought.filter(({ first }) => first?.network === network);
    if (
      countOf(brought) >= dialectsPerRoomMax ||
      countOf(own) >= dialectsPerOwnerMax ||
      countOf(near) >= dialectsPerNetworkMax
    ) {
      const detail = 'Too many kinds of players in this room.';
      throw new AppError('RATE_LIMITED', detail, { reason: 'too-many', retryAfterMs: 10_000 });
    }
  }

  function drop(name: string, held: Held): void {
    forget(name, held);
    held.leg.then(
      ({ router }) => router.close(),
      () => undefined,
    );
  }

  function forget(name: string, held: Held): void {
    if (legs.get(name) === held) legs.delete(name);
  }
}

const leastLoaded = (legs: [string, Held][]): [string, Held] | undefined =>
  legs.toSorted(([, one], [, other]) => one.mediaWorker.load() - other.mediaWorker.load())[0];
