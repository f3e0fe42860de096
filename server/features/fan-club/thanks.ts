import { thankedOrderMinorMin, type PointSource } from '../../../shared/fan-levels.ts';
import type { OrderStanding, Purchases } from '../orders/purchases.ts';
import { groupsOf } from '../../platform/each-of.ts';
import type { Archived } from '../room-log/archive-listeners.ts';
import type { Rooms } from '../room/rooms.ts';
import type { FanClubStore } from './fan-clubs.ts';
import type { Awarded, Cause, Deed } from './fan-points.ts';
import type { Membership } from './membership.ts';

type Needs = {
  rooms: Pick<Rooms, 'get'>;
  membership: Membership;
  spoke: FanClubStore['spoke'];
  purchases: Pick<Purchases, 'standingOf'>;
  award: (deed: Deed) => Promise<Awarded>;
  takeBack: (cause: Cause) => Promise<void>;
};

/** Lines looked at in one statement. */
const linesMax = 500;

/** Points for what people do in the rooms of a host. */
export function createThanks({ rooms, membership, spoke, purchases, award, takeBack }: Needs) {
  return {
    /** What a member does in a room gives points, unless it is a rehearsal. Two gateways may hear of it: a cause counts once. */
    async thank(roomId: string, personId: string, source: PointSource, cause: string): Promise<Awarded> {
      const { hostId, rehearsal } = await rooms.get(roomId);
      if (rehearsal || (await membership.levelOf(hostId, personId)) === null) return 'nothing';
      return award({ clubId: hostId, personId, source, cause, times: 1 });
    },
    /** What members say in the rooms of a host gives points, once for each line however often it is heard. */
    async thankSpeakers(said: readonly Archived<'chat:message'>[]): Promise<void> {
      for (const some of groupsOf(said, linesMax)) {
        const lines = some.map(({ roomId, body: { senderId, messageId } }) => ({
          roomId,
          personId: senderId,
          messageId,
        }));
        const spoken = await spoke(lines);
        await Promise.all(
          spoken.map(({ messageId, ...fan }) => award({ ...fan, source: 'comment', cause: messageId, times: 1 })),
        );
      }
    },
    /**
     * Gives the points of an order, or takes them back when too little of it stays paid. Called when it is paid and when money
     * goes back, in whatever order and again; the look after giving finds the money that went back meanwhile.
     */
    async thankBuyer(orderId: string): Promise<void> {
      const order = await purchases.standingOf(orderId);
      if (!order) return;
      const { hostId } = await rooms.get(order.roomId);
      const cause = { clubId: hostId, personId: order.buyerId, source: 'buy', cause: orderId } as const;
      if (isWorthThanks(order)) await award({ ...cause, times: 1 });
      if (!isWorthThanks(await purchases.standingOf(orderId))) await takeBack(cause);
    },
  };
}

const isWorthThanks = (order: OrderStanding | null): boolean => (order?.keptMinor ?? 0) >= thankedOrderMinorMin;
