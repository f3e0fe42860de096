import type { TypedEntry } from '../../shared/frames.ts';
import { limits } from '../../shared/limits.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';

export type Giveaways = readonly Giveaway[];

/** The giveaways of a room, newest first, after an entry of its log. Other entries change nothing. */
export function giveawaysAfter(giveaways: Giveaways, roomId: string, entry: TypedEntry): Giveaways {
  switch (entry.kind) {
    case 'giveaway:published': {
      const isKnown = giveaways.some(({ giveawayId }) => giveawayId === entry.body.giveawayId);
      return isKnown ? giveaways : [{ ...fresh, roomId, ...entry.body }, ...giveaways];
    }
    case 'giveaway:cancelled':
      return patched(giveaways, entry.body.giveawayId, { state: 'cancelled', cancelReason: entry.body.reason });
    case 'giveaway:closed':
      return patched(giveaways, entry.body.giveawayId, { state: 'closing', entryCount: entry.body.entryCount });
    case 'giveaway:frozen':
      return patched(giveaways, entry.body.giveawayId, { state: 'frozen', frozen: entry.body.frozen });
    case 'giveaway:drawn':
      return patched(giveaways, entry.body.giveawayId, { state: 'drawn', winners: entry.body.winners });
    case 'giveaway:void':
      return patched(giveaways, entry.body.giveawayId, { state: 'void' });
    case 'giveaway:lapsed': {
      const { giveawayId, places, winners: now } = entry.body;
      return withWinners(
        giveaways,
        giveawayId,
        (winners) => now ?? winners.filter(({ place }) => !places.includes(place)),
      );
    }
    case 'giveaway:passed-on': {
      const { giveawayId, winners: next } = entry.body;
      const isNext = (place: number): boolean => next.some((winner) => winner.place === place);
      return withWinners(giveaways, giveawayId, (winners) =>
        [...winners.filter(({ place }) => !isNext(place)), ...next].slice(0, limits.shownWinnersMax),
      );
    }
    default:
      return giveaways;
  }
}

const fresh = {
  state: 'published',
  entryCount: 0,
  frozen: null,
  winners: [],
  cancelReason: null,
} as const satisfies Partial<Giveaway>;

/** How far a giveaway has come; entries of the log may be older than what was read. */
const order = { published: 0, closing: 1, frozen: 2, drawn: 3, void: 3, cancelled: 3 } as const satisfies Record<
  Giveaway['state'],
  number
>;

const withWinners = (
  giveaways: Giveaways,
  giveawayId: string,
  change: (winners: Giveaway['winners']) => Giveaway['winners'],
): Giveaways =>
  giveaways.map((one) => (one.giveawayId === giveawayId ? { ...one, winners: change(one.winners) } : one));

const patched = (
  giveaways: Giveaways,
  giveawayId: string,
  patch: Partial<Giveaway> & Pick<Giveaway, 'state'>,
): Giveaways =>
  giveaways.map((one) =>
    one.giveawayId === giveawayId && order[patch.state] > order[one.state] ? { ...one, ...patch } : one,
  );
