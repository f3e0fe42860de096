import type { NumbersMark, NumbersPoint } from '../../../shared/protocol/numbers.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import { limits } from '../../../shared/limits.ts';
import { msOf, type Queryable } from '../../platform/postgres.ts';

type Numbers = Output<'room:numbers'>;
type Totals = Numbers['totals'];
type Product = Numbers['products'][number];
/** What Redis counts of a show at one moment. */
export type Audience = { roomId: string; viewers: number; visitors: number; likes: number; looks: number };

/** A point stands for so many seconds. */
const stepSeconds = 10;
/** Points are taken so long after their moment, so that the archive of the chat has it. */
const lagSeconds = 2;
const onAirMax = 5_000;

const onAir = `SELECT room_id AS "roomId" FROM rooms WHERE kind = 'show' AND state IN ('live', 'paused') LIMIT ${onAirMax}`;
const offersOf = `SELECT offer_id AS "offerId" FROM offers WHERE room_id = $1 AND state <> 'discarded'`;

const stepOf = (column: string): string =>
  `(floor(extract(epoch FROM ${column}) / ${stepSeconds}) * ${stepSeconds} * 1000)::bigint`;

/** The same moment taken twice stays what it was first. */
const addPoints = `
  WITH moment AS (SELECT to_timestamp(floor((extract(epoch FROM now()) - ${lagSeconds}) / ${stepSeconds}) * ${stepSeconds}) AS at)
  INSERT INTO room_points (room_id, at, viewers, visitors, likes, looks, messages, units_left)
  SELECT r.room_id, moment.at, r.viewers, r.visitors, r.likes, r.looks,
    (SELECT count(*) FROM room_log_entries e WHERE e.room_id = r.room_id AND e.kind = 'chat:message'
      AND e.redacted_at IS NULL AND NOT e.unheard AND e.at > moment.at - interval '${stepSeconds} seconds' AND e.at <= moment.at),
    (SELECT coalesce(jsonb_object_agg(offer_id, supply_units - held_units - sold_units - withdrawn_units), '{}')
      FROM offers f WHERE f.room_id = r.room_id AND f.state = 'open' AND (f.pinned_at IS NOT NULL OR f.kind = 'flash'))
  FROM moment, unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[])
    AS r(room_id, viewers, visitors, likes, looks)
  ON CONFLICT DO NOTHING`;

const points = `
  SELECT ${msOf('at')} AS "atMs", viewers, visitors, likes, looks, messages, units_left AS "unitsLeft"
  FROM room_points WHERE room_id = $1 AND at > to_timestamp($2::float8 / 1000) ORDER BY at LIMIT ${limits.numbersPointsMax}`;

const saveLooks = `
  INSERT INTO offer_looks (offer_id, people) SELECT * FROM unnest($1::uuid[], $2::int[])
  ON CONFLICT (offer_id) DO UPDATE SET people = greatest(offer_looks.people, EXCLUDED.people)`;

/** A flash sale counts from its opening, not from its announcement. */
const marks = `
  SELECT CASE kind WHEN 'offer:pinned' THEN 'pin' WHEN 'offer:announced' THEN 'sale' ELSE 'giveaway' END AS what,
    (body->>'itemNumber')::int AS "itemNumber",
    CASE kind WHEN 'offer:announced' THEN (body->>'opensAtMs')::bigint ELSE ${msOf('at')} END AS "atMs"
  FROM room_log_entries
  WHERE room_id = $1 AND kind IN ('offer:pinned', 'offer:announced', 'giveaway:published')
    AND (kind <> 'offer:announced' OR (body->>'kind' = 'flash' AND body->>'opensAtMs' IS NOT NULL))
  ORDER BY at DESC LIMIT ${limits.numbersMarksMax}`;

/** Orders of the room by its offers, which have an index; money that was given back of them. */
const orders = `
  WITH o AS MATERIALIZED (
    SELECT order_id, state, buyer_id, currency, held_at, state IN ('paid', 'shipped', 'delivered', 'refunded') AS is_paid,
      total_minor + coalesce(d.shipping_minor, 0) AS minor,
      (SELECT coalesce(sum(r.amount_minor), 0) FROM refunds r JOIN payments p USING (payment_id)
        WHERE r.order_id = orders.order_id AND p.settlement = 'order') AS refunded_minor
    FROM orders LEFT JOIN order_deliveries d USING (order_id)
    WHERE state <> 'abandoned' AND order_id IN (
      SELECT l.order_id FROM offers f JOIN order_lines l USING (offer_id) WHERE f.room_id = $1))`;

const totals = `
  ${orders}
  SELECT count(*)::int AS orders, count(*) FILTER (WHERE is_paid)::int AS "paidOrders",
    count(DISTINCT buyer_id) FILTER (WHERE is_paid)::int AS buyers,
    coalesce(sum(minor) FILTER (WHERE is_paid), 0)::bigint AS "grossMinor",
    coalesce(sum(minor - refunded_minor) FILTER (WHERE is_paid), 0)::bigint AS "netMinor", min(currency) AS currency
  FROM o`;

const sales = `
  ${orders}
  SELECT ${stepOf('held_at')} AS "atMs", count(*)::int AS orders,
    coalesce(sum(minor) FILTER (WHERE is_paid), 0)::bigint AS "grossMinor"
  FROM o WHERE held_at > to_timestamp($2::float8 / 1000) GROUP BY 1 ORDER BY 1`;

/** Goods alone: shipping belongs to an order, not to one of its products. */
const products = `
  ${orders},
  lines AS (
    SELECT l.offer_id, count(*)::int AS orders, sum(l.units - back.units) FILTER (WHERE is_paid) AS units,
      sum((l.units - back.units) * l.price_minor) FILTER (WHERE is_paid) AS net_minor
    FROM o JOIN order_lines l USING (order_id) CROSS JOIN LATERAL (
      SELECT coalesce(sum(b.units), 0) AS units FROM refund_lines b JOIN refunds r USING (refund_id)
      WHERE r.order_id = l.order_id AND b.line_number = l.line_number) back
    GROUP BY l.offer_id)
  SELECT f.offer_id AS "offerId", coalesce(k.people, 0) AS looks, coalesce(lines.orders, 0) AS orders,
    coalesce(lines.units, 0)::int AS "soldUnits", coalesce(lines.net_minor, 0)::bigint AS "netMinor"
  FROM offers f LEFT JOIN lines USING (offer_id) LEFT JOIN offer_looks k USING (offer_id)
  WHERE f.room_id = $1 AND f.state <> 'discarded' ORDER BY f.item_number`;

export type NumbersStore = ReturnType<typeof createNumbersStore>;

/** Figures of shows, taken while they are on and read at any time. */
export function createNumbersStore(db: Queryable) {
  const many = async <T extends object>(statement: string, values: unknown[]): Promise<T[]> =>
    (await db.query<T>(statement, values)).rows;
  return {
    onAir: async (): Promise<string[]> => (await many<{ roomId: string }>(onAir, [])).map(({ roomId }) => roomId),
    offersOf: async (roomId: string): Promise<string[]> =>
      (await many<{ offerId: string }>(offersOf, [roomId])).map(({ offerId }) => offerId),
    async addPoints(audiences: readonly Audience[]): Promise<void> {
      const column = <K extends keyof Audience>(key: K) => audiences.map((one) => one[key]);
      const values = (['roomId', 'viewers', 'visitors', 'likes', 'looks'] as const).map(column);
      await db.query(addPoints, values);
    },
    async saveLooks(offerIds: readonly string[], people: readonly number[]): Promise<void> {
      await db.query(saveLooks, [offerIds, people]);
    },
    points: (roomId: string, afterMs: number) => many<NumbersPoint>(points, [roomId, afterMs]),
    marks: (roomId: string) => many<NumbersMark>(marks, [roomId]),
    sales: (roomId: string, afterMs: number) => many<Numbers['sales'][number]>(sales, [roomId, afterMs]),
    products: (roomId: string) => many<Product>(products, [roomId]),
    totals: async (roomId: string) => (await many<Omit<Totals, 'soldUnits'>>(totals, [roomId]))[0]!,
  };
}
