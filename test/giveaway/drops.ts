import type { App } from '../../server/app/app.ts';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import { newKey, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import { freshStores, openSocket, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { ask, createShow, luckyBag, nonce, type Person } from './show.ts';

type Stage = { app: App; floor: ShopFloor; host: Person };
type DropOffer = Pick<Offer, 'offerId'> & Partial<Pick<Offer, 'priceMinor' | 'currency'>>;

/** How long a right to buy of these drops lasts. */
export const minutes = 5;

/** Raffle drops in the room of one shop. */
export function createDrops() {
  // Offers open and holds end by the clock of the databases: the clock of this test begins there and only runs ahead.
  const show = createShow({ nowMs: Date.now() });
  const { clock } = show;
  let stage: Stage;

  const dropOf = (
    { offerId, priceMinor = 700, currency = 'EUR' }: DropOffer,
    { units = 1, prizeCount = 1 }: { units?: number; prizeCount?: number } = {},
  ) =>
    luckyBag(stage.floor.roomId, clock.nowMs, {
      kind: 'raffle-drop',
      prize: { prize: 'right-to-buy', offerId, what: 'A limited teapot', units, minutes, priceMinor, currency },
      prizeCount,
      alternateCount: 1,
    });

  const holders = async (giveawayId: string): Promise<string[]> =>
    (
      await stage.app.platform.db.query<{ personId: string }>(
        `SELECT person_id AS "personId" FROM giveaway_places WHERE giveaway_id = $1 AND state = 'offered'`,
        [giveawayId],
      )
    ).rows.map(({ personId }) => personId);

  const buy = (person: Person, { offerId }: Offer, units = 1) =>
    ask(person, 'offer:buy', { roomId: stage.floor.roomId, lines: [{ offerId, units }], requestKey: newKey() });

  return {
    show,
    clock,
    dropOf,
    holders,
    async open(): Promise<Stage> {
      const settings = { NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '24', NIGHTMARKET_ACCESS_TOKEN_SECONDS: '3600' };
      const app = await startTestApp(await freshStores(), { nowMs: () => clock.nowMs, settings });
      const floor = await openShopFloor(app);
      const { personId, name } = floor.host.person;
      stage = { app, floor, host: { socket: await openSocket(app, floor.host), personId, name } };
      return stage;
    },
    async close(): Promise<void> {
      stage.host.socket.close();
      show.close();
      await stage.app.close();
    },
    publish: (...drop: Parameters<typeof dropOf>) => ask(stage.host, 'giveaway:publish', dropOf(...drop)),
    /** Draws a drop among fans. @returns fans in the order of the draw. */
    async drawn(offer: Offer, fans: readonly Person[]): Promise<{ giveawayId: string; places: Person[] }> {
      const { giveawayId, rules } = await ask(stage.host, 'giveaway:publish', dropOf(offer));
      for (const fan of fans) await ask(fan, 'giveaway:enter', { giveawayId, nonce: nonce() });
      clock.nowMs = rules.closesAtMs;
      // When they were told: only then does their time begin.
      const told = `SELECT FROM giveaways WHERE giveaway_id = $1 AND told @> ARRAY['winners']`;
      const isTold = async () => (await stage.app.platform.db.query(told, [giveawayId])).rowCount === 1;
      await eventually(isTold, { deadlineMs: 15_000 });
      const { rows } = await stage.app.platform.db.query<{ personId: string }>(
        `SELECT person_id AS "personId" FROM giveaway_places WHERE giveaway_id = $1 ORDER BY place`,
        [giveawayId],
      );
      return { giveawayId, places: rows.map(({ personId }) => fans.find((fan) => fan.personId === personId)!) };
    },
    buy,
    /** Buys one, and throws unless it is held. */
    async heldBy(person: Person, offer: Offer): Promise<HeldOrder> {
      const answer = await buy(person, offer);
      if (answer.outcome !== 'held') throw new Error(answer.outcome);
      return answer.order;
    },
  };
}
