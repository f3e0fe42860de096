import type { PinnedProduct } from '../../../shared/protocol/room.ts';
import { inTransaction, msOf, type Db } from '../../platform/postgres.ts';
import type { OfferRow } from './offer-row.ts';
import { columns, lockRoom, one, rowsPerPage, soldOut } from './offer-rows.pg.ts';
import type { OfferStore } from './offer-store.ts';

const roomOf = `SELECT room_id AS "roomId" FROM offers WHERE offer_id = $1`;
/** In the order in which a batch of purchases locks them: any other could deadlock with it. */
const lockToPin = `
  SELECT FROM offers WHERE room_id = $1 AND (offer_id = $2 OR pinned_at IS NOT NULL) ORDER BY offer_id FOR UPDATE`;
const pinned = `
  SELECT offer_id AS "offerId" FROM offers WHERE room_id = $1 AND pinned_at IS NOT NULL ORDER BY pinned_at DESC`;
const pinnedIn = `
  SELECT DISTINCT ON (room_id) room_id AS "roomId", title, image_url AS "imageUrl", price_minor AS "priceMinor", currency
  FROM offers WHERE room_id = ANY ($1::uuid[]) AND pinned_at IS NOT NULL ORDER BY room_id, pinned_at DESC`;
/** Calls that an offer remembers: far more than are sent again while one answer is waited for. */
const keysMax = 8;
/** Where nobody says which moment of the stream it is, it is now; a show that has not begun has none. */
const setPin = `
  UPDATE offers SET pinned_at = pin.moment, pin_keys = (array_remove(ARRAY[$3::text], NULL) || pin_keys)[1:${keysMax}],
    pinned_stream_ms = COALESCE($2, floor(extract(epoch FROM pin.moment - pin.stream_from) * 1000)),
    untold_since = now(), untold_change = true
  FROM (SELECT clock_timestamp() AS moment,
      (SELECT r.started_at FROM rooms r JOIN offers o USING (room_id) WHERE o.offer_id = $1) AS stream_from) pin
  WHERE offer_id = $1 AND state = 'open' RETURNING ${columns}`;
/** Pinned by the same call before, whatever became of that. */
const byCall = `SELECT ${columns} FROM offers WHERE offer_id = $1 AND $2 = ANY(pin_keys)`;
const clearPins = `
  UPDATE offers SET pinned_at = NULL, pinned_stream_ms = NULL, untold_since = now(), untold_change = true
  WHERE offer_id = ANY($1::uuid[]) AND pinned_at IS NOT NULL AND ($2::bigint IS NULL OR ${msOf('pinned_at')} = $2)
  RETURNING ${columns}`;

/** A pin that a host has just set stays for a moment, so that nobody wonders where it went. */
const unpinSoldOut = `
  UPDATE offers SET pinned_at = NULL, pinned_stream_ms = NULL, untold_since = now(), untold_change = true
  WHERE offer_id IN (
    SELECT offer_id FROM offers
    WHERE pinned_at < now() - interval '3 seconds' AND ${soldOut}
    ORDER BY offer_id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING ${columns}`;

type Pins = Pick<OfferStore, 'pin' | 'pinnedIn' | 'unpin' | 'unpinSoldOut'>;

/** Which offers of a room are shown first. */
export function createOfferPins(db: Db): Pins {
  return {
    pin: (offerId, { streamMs, requestKey }, pinsMax) =>
      inTransaction(db, async (client) => {
        const found = (await client.query<{ roomId: string }>(roomOf, [offerId])).rows[0];
        if (!found) return null;
        await client.query(lockRoom, [found.roomId]);
        await client.query(lockToPin, [found.roomId, offerId]);
        const known = requestKey === undefined ? null : await one(client, byCall, [offerId, requestKey]);
        if (known) return { offer: known, replaced: [], isRepeat: true };
        const offer = await one(client, setPin, [offerId, streamMs, requestKey ?? null]);
        if (!offer) return null;
        const { rows } = await client.query<{ offerId: string }>(pinned, [found.roomId]);
        const tooMany = rows.slice(pinsMax).map((row) => row.offerId);
        return { offer, replaced: (await client.query<OfferRow>(clearPins, [tooMany, null])).rows, isRepeat: false };
      }),
    async pinnedIn(roomIds) {
      const { rows } = await db.query<PinnedProduct & { roomId: string }>(pinnedIn, [roomIds]);
      return new Map(rows.map(({ roomId, ...pin }) => [roomId, pin]));
    },
    unpin: (offerId, seenPinnedAtMs) => one(db, clearPins, [[offerId], seenPinnedAtMs ?? null]),
    unpinSoldOut: async () => (await db.query<OfferRow>(unpinSoldOut, [rowsPerPage])).rows,
  };
}
