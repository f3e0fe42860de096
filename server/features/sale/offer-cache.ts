import { setNewest } from '../../../shared/newest.ts';
import { createBatches } from '../../platform/batches.ts';
import type { Change } from './change-feed.redis.ts';
import type { RepliedState } from './gate.ts';
import type { OfferTerms, OfferTermsStore } from './offer-terms.ts';

type Entry = {
  terms: OfferTerms;
  /** Highest release number heard of in this epoch: a refusal older than that is void. */
  releases: number;
  /** Units left when last heard of; null before that. */
  left: number | null;
  /** Release number at which nothing was left; null when something is, or nobody knows. */
  soldOutAtRelease: number | null;
  /** Everybody who has or had an order of this offer, once it is sold out or closed: they are never refused from here. */
  holders: ReadonlySet<string> | null;
};

/** Buyers who have or had orders at an instant, and the instant. `buyers` null: too many to keep. */
export type Holders = { epoch: number; releases: number; left: number; buyers: ReadonlySet<string> | null };

type Needs = {
  store: Pick<OfferTermsStore, 'find'>;
  /** Who has orders: at the gate while it is open, in the ledger after it. Null: it can't be said now. */
  holdersOf: (terms: OfferTerms) => Promise<Holders | null>;
  /** Whether changes are being heard; while not, no refusal is answered from here. */
  trusted: () => boolean;
  /** How long a gateway may go on refusing because of what is not true any more, ms. */
  staleMsMax: number;
  keptMax?: number;
  /** Our own clock, which nobody sets, ms. */
  monotonicMs?: () => number;
};

const entriesMax = 10_000;
export const holdersMax = 200_000;
/** Holders of all offers, some 100 bytes each. Past it those of the offer known longest go: then its gate is asked, or the ledger. */
const holdersKeptMax = 1_000_000;
/** Who waits for terms to be read anew; past it the answer is RETRY. */
const refreshesMax = 20_000;
/** Distance kept from the edges of the window: only the gate decides there, ms. */
const windowMarginMs = 250;
/** How long an answer of the gate tells its clock, ms. */
const clockFreshMs = 3_000;

export type OfferCache = ReturnType<typeof createOfferCache>;

/**
 * What one gateway knows of offers. It may refuse without asking the gate; it never takes. A refusal is valid for one epoch and
 * one release number, and only while changes are heard; "not open yet" for as long as the clock of the gate was heard lately.
 *
 * A retry of somebody who got an order must be answered with that order, sold out or not. So a refusal from here is only for
 * people who never had one under a key of their own: while nothing is left only those who wait get units, under keys that no client
 * may send. When an offer is for sale again after it was not, another gateway may not have heard of it: see `tellableInMs`.
 */
export function createOfferCache(needs: Needs) {
  const { store, holdersOf, trusted, staleMsMax, keptMax = holdersKeptMax } = needs;
  const { monotonicMs = () => performance.now() } = needs;
  /** Until when other gateways may not know that an offer is for sale again, ms of our monotonic clock. */
  const reopenings = new Map<string, number>();
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<OfferTerms | undefined>>();
  /** All who ask during one read share the next: it begins after they asked, so it knows what made them ask. */
  const refreshes = createBatches<null, OfferTerms | undefined>({
    itemsMax: refreshesMax,
    waitingMax: refreshesMax,
    async run(offerId, asked) {
      const terms = await read(offerId);
      return asked.map(() => terms);
    },
  });
  /** Clock of the gate minus our monotonic one, ms, and when that was learned; null until the first answer. */
  let gateClock: { aheadMs: number; learnedAtMs: number } | null = null;

  return {
    staleMsMax,
    peek: (offerId: string): OfferTerms | undefined => entries.get(offerId)?.terms,
    /** Undefined when there is no such offer. Calls for one offer at the same time read once. */
    async get(offerId: string): Promise<OfferTerms | undefined> {
      return entries.get(offerId)?.terms ?? load(offerId);
    },
    /** Reads again what the ledger says now. Under the same epoch everything else that is known stays: anybody may make us look. */
    refresh: (offerId: string): Promise<OfferTerms | undefined> => refreshes.add(offerId, null),
    /** The refusal that is certain without asking; null when the gate must decide, or the offer is not of this room. */
    refusalOf(roomId: string, offerId: string, buyerId: string): 'sold_out' | 'not_open' | 'ended' | null {
      const entry = entries.get(offerId);
      if (entry?.terms.roomId !== roomId || !trusted()) return null;
      if (entry.holders) {
        if (entry.holders.has(buyerId)) return null;
        return entry.terms.state === 'closed' ? 'ended' : 'sold_out';
      }
      return opensLater(entry.terms) ? 'not_open' : null;
    },
    /** Learns from an answer of the gate. */
    learn(offerId: string, { epoch, left, releases, reopenedAtMs }: RepliedState): void {
      noteReopening(offerId, reopenedAtMs);
      const entry = entries.get(offerId);
      if (entry?.terms.epoch !== epoch || releases < entry.releases) return;
      entry.releases = releases;
      entry.left = left;
      if (left > 0) reopen(entry);
      else if (entry.soldOutAtRelease === null) soldOut(entry);
    },
    /**
     * How long to wait before an order of these offers may be told, ms. Told at once, it could be refused as sold out when its
     * buyer asks again at a gateway that has not heard yet that units came back.
     */
    tellableInMs(offerIds: readonly string[]): number {
      if (reopenings.size === 0) return 0;
      const now = monotonicMs();
      return Math.max(0, ...offerIds.map((offerId) => (reopenings.get(offerId) ?? now) - now));
    },
    /** Units left when it was last heard of; null: it was not. */
    leftOf: (offerId: string): number | null => entries.get(offerId)?.left ?? null,
    /** Nothing was left when it was last heard of, but what is heard can't be trusted now: the ledger must be asked. */
    isSoldOutUnheard(offerId: string): boolean {
      return entries.get(offerId)?.left === 0 && !trusted();
    },
    /** Forgets everything: changes may have been missed. */
    clear(): void {
      entries.clear();
    },
    /** The clock of the gate, Unix ms; null when it has not answered lately. */
    gateNowMs,
    /** @param tookMs  since the gate was asked: its clock has gone on by up to that much, and an answer that took long tells nothing. */
    learnClock(nowMs: number, tookMs: number): void {
      if (tookMs > windowMarginMs / 2) return;
      const learnedAtMs = monotonicMs();
      gateClock = { aheadMs: nowMs - learnedAtMs, learnedAtMs };
    },
    hear(change: Change): void {
      const entry = entries.get(change.offerId);
      if (!entry) return;
      if (change.kind === 'changed') {
        if (change.epoch >= entry.terms.epoch) entries.delete(change.offerId);
        return;
      }
      if (change.epoch !== entry.terms.epoch) return;
      entry.releases = Math.max(entry.releases, change.releases);
      entry.left = change.left;
      if (entry.soldOutAtRelease !== null && entry.soldOutAtRelease < change.releases) reopen(entry);
    },
  };

  function opensLater({ state, opensAtMs }: OfferTerms): boolean {
    const nowMs = gateNowMs();
    return state === 'open' && nowMs !== null && nowMs < opensAtMs - windowMarginMs;
  }

  /** Either clock may be set, or stand still while a machine sleeps: then whoever asks next asks the gate. */
  function gateNowMs(): number | null {
    const now = monotonicMs();
    return gateClock && now - gateClock.learnedAtMs < clockFreshMs ? gateClock.aheadMs + now : null;
  }

  function noteReopening(offerId: string, reopenedAtMs: number): void {
    if (reopenedAtMs === 0 || gateClock === null) return;
    const until = reopenedAtMs + staleMsMax - gateClock.aheadMs;
    reopenings.delete(offerId);
    if (until <= monotonicMs()) return;
    setNewest(reopenings, offerId, until, entriesMax);
  }

  function reopen(entry: Entry): void {
    entry.soldOutAtRelease = null;
    entry.holders = null;
  }

  function soldOut(entry: Entry): void {
    entry.soldOutAtRelease = entry.releases;
    void loadHolders(entry);
  }

  /** Until it is done the gate is asked. What was read is kept only if nothing came back meanwhile. */
  async function loadHolders(entry: Entry): Promise<void> {
    const holders = await holdersOf(entry.terms).catch(() => null);
    if (!holders) entry.soldOutAtRelease = null; // The next answer of the gate tries again.
    if (!holders || holders.epoch !== entry.terms.epoch || holders.left > 0) return;
    const { releases } = holders;
    if (entry.terms.state === 'closed' || (releases === entry.releases && releases === entry.soldOutAtRelease))
      keepHolders(entry, holders.buyers);
  }

  function keepHolders(entry: Entry, buyers: Entry['holders']): void {
    entry.holders = buyers;
    let kept = 0;
    for (const { holders } of entries.values()) kept += holders?.size ?? 0;
    for (const other of entries.values()) {
      if (kept <= keptMax) return;
      if (other === entry || !other.holders) continue;
      kept -= other.holders.size;
      other.holders = null;
    }
  }

  function load(offerId: string): Promise<OfferTerms | undefined> {
    let reading = loading.get(offerId);
    if (!reading) {
      reading = read(offerId).finally(() => loading.delete(offerId));
      loading.set(offerId, reading);
    }
    return reading;
  }

  async function read(offerId: string): Promise<OfferTerms | undefined> {
    const [terms] = await store.find([offerId]);
    if (!terms) {
      entries.delete(offerId);
      return undefined;
    }
    // A draft is asked for by nobody but by mistake, and its opening might be heard of before this answer is here.
    if (terms.state === 'draft') return terms;
    const known = entries.get(offerId);
    if (known && known.terms.epoch >= terms.epoch) return known.terms;
    const entry: Entry = { terms, releases: 0, left: null, soldOutAtRelease: null, holders: null };
    setNewest(entries, offerId, entry, entriesMax);
    if (terms.state === 'closed') void loadHolders(entry);
    return terms;
  }
}
