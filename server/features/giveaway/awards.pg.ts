import { hexOf } from '../../../shared/raffle/bytes.ts';
import type { Rules } from '../../../shared/raffle/rules.ts';
import { isThere } from '../../platform/due-work.ts';
import { inTransaction, type Db, type DbClient } from '../../platform/postgres.ts';
import type { RightUses } from '../sale/right-uses.ts';
import type { AwardStore, GivenPlace, Place, PlaceState, WonPlace } from './awards.ts';

const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

const columns = `w.giveaway_id AS "giveawayId", w.place, w.entry_number AS "entryNumber", e.entry_id AS "entryId", w.score,
  w.person_id AS "personId", p.display_name AS name, w.state,
  (extract(epoch FROM w.claim_by) * 1000)::bigint AS "claimByMs", w.address, w.award_id AS "awardId"`;
const from = `giveaway_places w JOIN giveaway_entries e USING (giveaway_id, entry_number)
  JOIN people p ON p.person_id = w.person_id`;

const given = `place, state`;

const lock = `SELECT state, told @> ARRAY['frozen'] AS "rootIsTold" FROM giveaways WHERE giveaway_id = $1 FOR UPDATE`;
/** Winners have their prize by the same commit: one write a place. */
const insertPlaces = `
  INSERT INTO giveaway_places (giveaway_id, place, entry_number, score, person_id, state, announced, claim_by, award_id)
  SELECT $1, new.place - 1, new.entry_number, new.score, e.person_id, new.state, new.state = 'offered',
    CASE new.state WHEN 'offered' THEN ${at('$5')} END, CASE new.state WHEN 'offered' THEN gen_random_uuid() END
  FROM unnest($2::int[], $3::bytea[], $4::text[]) WITH ORDINALITY AS new (entry_number, score, state, place)
  JOIN giveaway_entries e ON e.giveaway_id = $1 AND e.entry_number = new.entry_number
  RETURNING ${given}`;
const markDrawn = `
  UPDATE giveaways SET state = 'drawn', revealed = $3, ended_at = ${at('$2')} WHERE giveaway_id = $1`;

const overdue = `
  SELECT place, award_id AS "awardId" FROM giveaway_places
  WHERE giveaway_id = $1 AND state = 'offered' AND claim_by <= ${at('$2')} ORDER BY place`;
/** An order that is being written with a right holds its row: whoever has the lock sees all there will ever be. */
const lockRights = `SELECT FROM rights_to_buy WHERE right_id = ANY ($1) ORDER BY right_id FOR UPDATE`;
const endRights = `UPDATE rights_to_buy SET passed_on = true WHERE right_id = ANY ($1)`;
const forfeit = `
  UPDATE giveaway_places SET state = 'forfeited', announced = false
  WHERE giveaway_id = $1 AND place = ANY ($2) AND state = 'offered'`;
const settle = `
  UPDATE giveaway_places SET state = 'claimed', claimed_at = ${at('$3')}
  WHERE giveaway_id = $1 AND place = ANY ($2) AND state = 'offered'`;
/** What a right lasts is said twice. */
const extend = `
  WITH moved AS (
    UPDATE giveaway_places SET claim_by = ${at('$2')}
    WHERE giveaway_id = $1 AND place = ANY ($4) AND state = 'offered' AND claim_by < ${at('$3')} RETURNING place, award_id
  ), rights AS (
    UPDATE rights_to_buy SET expires_at = ${at('$2')} WHERE right_id IN (SELECT award_id FROM moved) AND NOT passed_on
  ) SELECT place FROM moved`;
const lockBeat = `
  SELECT beat_at AS "beatAt", (extract(epoch FROM now() - beat_at) * 1000)::bigint AS "silentMs" FROM giveaway_beats FOR UPDATE`;
const putOff = `
  WITH moved AS (
    UPDATE giveaway_places SET claim_by = claim_by + $2::float8 * interval '1 ms'
    WHERE state = 'offered' AND claim_by > $1 RETURNING award_id
  ) UPDATE rights_to_buy SET expires_at = expires_at + $2::float8 * interval '1 ms'
  WHERE right_id IN (SELECT award_id FROM moved) AND NOT passed_on`;
/** It is noted every two seconds that prizes are seen to, also while there are none: silence means an outage. */
export const beatIsDue = `(SELECT beat_at FROM giveaway_beats) < now() - interval '2 seconds'`;
const beat = `UPDATE giveaway_beats SET beat_at = now()`;
/** One statement under the lock of the giveaway's row: prizes that are out are counted and given in the same breath. */
const giveNext = `
  UPDATE giveaway_places w SET state = 'offered', claim_by = ${at('$3')}, award_id = gen_random_uuid()
  WHERE giveaway_id = $1 AND place IN (
    SELECT place FROM giveaway_places WHERE giveaway_id = $1 AND state = 'waiting' ORDER BY place
    LIMIT greatest(0, $2 - (SELECT count(*) FROM giveaway_places WHERE giveaway_id = $1 AND state IN ('offered', 'claimed')))
  ) RETURNING ${given}`;
const grantRights = `
  INSERT INTO rights_to_buy (right_id, person_id, offer_id, units, expires_at)
  SELECT award_id, person_id, $3, $4, claim_by FROM giveaway_places WHERE giveaway_id = $1 AND place = ANY ($2)`;

/** Both halves have an index: what is settled costs nothing. */
const due = `
  SELECT giveaway_id AS "giveawayId" FROM (
    SELECT giveaway_id FROM giveaway_places WHERE state = 'offered' AND claim_by <= ${at('$1')}
    UNION
    SELECT giveaway_id FROM giveaway_places WHERE NOT announced AND state NOT IN ('waiting', 'absent')
  ) AS due WHERE giveaway_id > $3 ORDER BY giveaway_id LIMIT $2`;
/** A prize that nobody has claimed yet, or of which something has yet to be told. */
export const someAwardIsOpen = `
  (${isThere(`SELECT 1 FROM giveaway_places WHERE state = 'offered' ORDER BY claim_by`)}
    OR ${isThere(`SELECT 1 FROM giveaway_places WHERE NOT announced AND state NOT IN ('waiting', 'absent') ORDER BY giveaway_id`)})`;
const claim = `
  UPDATE giveaway_places SET state = 'claimed', claimed_at = ${at('$4')}, address = $3
  WHERE giveaway_id = $1 AND person_id = $2 AND state = 'offered' AND claim_by > ${at('$4')}`;
/** Goods claimed without an address get one by claiming again; one that is there stays. */
const addAddress = `
  UPDATE giveaway_places SET address = $3
  WHERE giveaway_id = $1 AND person_id = $2 AND state = 'claimed' AND address IS NULL`;
const claims = `
  SELECT (extract(epoch FROM max(claim_by)) * 1000)::bigint AS "untilMs", coalesce(bool_or(state = 'offered'), false) AS "areOpen"
  FROM giveaway_places WHERE giveaway_id = $1`;
/** What became of a place since it was read is told by itself. */
const markAnnounced = `
  UPDATE giveaway_places SET announced = true
  WHERE giveaway_id = $1 AND place = ANY ($2) AND (state = 'forfeited') = $3`;

const places = `SELECT ${columns} FROM ${from} WHERE w.giveaway_id = $1 ORDER BY w.place LIMIT $2`;
const settled = `
  SELECT ${columns} FROM ${from} WHERE w.giveaway_id = $1 AND w.place > $2 AND w.state <> 'waiting' ORDER BY w.place LIMIT $3`;
/** Few of many: who they are is looked up for those alone. */
const holdersOf = `
  SELECT ${columns} FROM unnest($1::uuid[]) AS asked (giveaway_id) CROSS JOIN LATERAL (
    SELECT * FROM giveaway_places o WHERE o.giveaway_id = asked.giveaway_id AND o.state IN ('offered', 'claimed') ORDER BY o.place LIMIT $2
  ) w JOIN giveaway_entries e ON e.giveaway_id = w.giveaway_id AND e.entry_number = w.entry_number
  JOIN people p ON p.person_id = w.person_id ORDER BY w.giveaway_id, w.place`;
const unannounced = `
  SELECT ${columns} FROM ${from}
  WHERE w.giveaway_id = $1 AND NOT w.announced AND w.state NOT IN ('waiting', 'absent') ORDER BY w.place`;
const won = `SELECT ${columns}, g.rules FROM ${from} JOIN giveaways g USING (giveaway_id)`;
const ofPerson = `${won} WHERE w.giveaway_id = $1 AND w.person_id = $2`;
const wins = `
  ${won} WHERE w.person_id = $1 AND w.state IN ('offered', 'claimed') ORDER BY w.claim_by DESC LIMIT $2`;

/** From the prize to the telling as a rule, ms. */
const momentMs = 10_000;

type Raw<P> = Omit<P, 'score'> & { score: Buffer };
type Given = Pick<GivenPlace, 'place' | 'state'>;
type Overdue = { place: number; awardId: string };

export function createAwardStore(db: Db, rightUses: RightUses): AwardStore {
  const read = async (query: string, values: unknown[]): Promise<Place[]> =>
    (await db.query<Raw<Place>>(query, values)).rows.map(placeOf);

  return {
    draw: ({ giveawayId, rules }, placed, revealed, nowMs) =>
      inTransaction(db, async (client) => {
        const { rows } = await client.query<{ state: string; rootIsTold: boolean }>(lock, [giveawayId]);
        if (rows[0]?.state !== 'frozen') return;
        if (!rows[0].rootIsTold) throw new Error(`the root of giveaway ${giveawayId} was not told`);
        const states = statesOf(placed, rules.prizeCount);
        const numbers = placed.map(({ entryNumber }) => entryNumber);
        const scores = placed.map(({ score }) => Buffer.from(score, 'hex'));
        const values = [giveawayId, numbers, scores, states, nowMs + claimMsOf(rules)];
        const { rows: places } = await client.query<Given>(insertPlaces, values);
        if (places.length !== placed.length) throw new Error(`giveaway ${giveawayId} lacks entries that were drawn`);
        await client.query(markDrawn, [giveawayId, nowMs, revealed]);
        await grant(
          client,
          giveawayId,
          rules,
          places.filter(({ state }) => state === 'offered'),
        );
      }),
    async extend(giveawayId, places, rules, nowMs) {
      const untilMs = nowMs + claimMsOf(rules);
      const values = [giveawayId, untilMs, untilMs - momentMs, places];
      return new Map((await db.query<{ place: number }>(extend, values)).rows.map(({ place }) => [place, untilMs]));
    },
    passOn: (giveawayId, rules, nowMs) =>
      inTransaction(db, async (client) => {
        await client.query(lock, [giveawayId]); // Two workers must not both see a free prize.
        await endOverdue(client, giveawayId, nowMs);
        const values = [giveawayId, rules.prizeCount, nowMs + claimMsOf(rules)];
        await grant(client, giveawayId, rules, (await client.query<Given>(giveNext, values)).rows);
      }),
    beat: (silentMsMin) =>
      inTransaction(db, async (client) => {
        const { beatAt, silentMs } = (await client.query<{ beatAt: Date; silentMs: number }>(lockBeat)).rows[0]!;
        if (silentMs > silentMsMin) await client.query(putOff, [beatAt, silentMs]);
        await client.query(beat);
      }),
    async due(nowMs, max, afterId) {
      return (await db.query<{ giveawayId: string }>(due, [nowMs, max, afterId])).rows.map(
        ({ giveawayId }) => giveawayId,
      );
    },
    async claim(giveawayId, personId, address, nowMs) {
      if ((await db.query(claim, [giveawayId, personId, address, nowMs])).rowCount === 1) return 'claimed';
      const row = (await db.query<Raw<WonPlace>>(ofPerson, [giveawayId, personId])).rows[0];
      if (row?.state === 'claimed') {
        if (address) await db.query(addAddress, [giveawayId, personId, address]);
        return 'claimed'; // Sent twice: it is theirs.
      }
      return row?.state === 'offered' || row?.state === 'forfeited' ? 'too_late' : 'nothing_to_claim';
    },
    async settle(giveawayId, settled, nowMs) {
      if (settled.length > 0) await db.query(settle, [giveawayId, settled, nowMs]);
    },
    async claims(giveawayId) {
      return (await db.query<{ untilMs: number | null; areOpen: boolean }>(claims, [giveawayId])).rows[0]!;
    },
    settled: async (giveawayId, after, max) => asUsed(await read(settled, [giveawayId, after, max])),
    places: async (giveawayId, max) => asUsed(await read(places, [giveawayId, max])),
    holders: (giveawayId, max) => read(holdersOf, [[giveawayId], max]),
    holdersOf: async (giveawayIds, max) => (giveawayIds.length === 0 ? [] : read(holdersOf, [giveawayIds, max])),
    async unannounced(giveawayId) {
      const all = await read(unannounced, [giveawayId]);
      const lapsed = all.filter(({ state }) => state === 'forfeited');
      const byCommit = Map.groupBy(
        all.filter(({ state }) => state !== 'forfeited'),
        ({ claimByMs }) => claimByMs,
      );
      return { lapsed, given: [...byCommit.values()] };
    },
    async markAnnounced(giveawayId, announced, what) {
      await db.query(markAnnounced, [giveawayId, announced, what === 'lapsed']);
    },
    async ofPerson(giveawayId, personId) {
      const { rows } = await db.query<Raw<WonPlace>>(ofPerson, [giveawayId, personId]);
      return (await asUsed(rows.map(placeOf)))[0] ?? null;
    },
    async wins(personId, max) {
      return asUsed((await db.query<Raw<WonPlace>>(wins, [personId, max])).rows.map(placeOf));
    },
  };

  /** A right that was bought with has been claimed, though that is settled only when its time is over. */
  async function asUsed<P extends Place>(read: readonly P[]): Promise<P[]> {
    const offered = read.filter(({ state }) => state === 'offered').map(({ awardId }) => awardId!);
    const uses = offered.length === 0 ? new Map<string, string>() : await rightUses.of(db, offered);
    return read.map((place) => (uses.get(place.awardId!) === 'bought' ? { ...place, state: 'claimed' } : place));
  }

  /** What nobody claimed in time is free again, except where an order that is not paid yet may still use it. */
  async function endOverdue(client: DbClient, giveawayId: string, nowMs: number): Promise<void> {
    const ended = (await client.query<Overdue>(overdue, [giveawayId, nowMs])).rows;
    if (ended.length === 0) return;
    const awardIds = ended.map(({ awardId }) => awardId);
    await client.query(lockRights, [awardIds]);
    const uses = await rightUses.of(client, awardIds);
    const bought = ended.filter(({ awardId }) => uses.get(awardId) === 'bought');
    const unused = ended.filter(({ awardId }) => !uses.has(awardId));
    await client.query(settle, [giveawayId, bought.map(({ place }) => place), nowMs]);
    await client.query(forfeit, [giveawayId, unused.map(({ place }) => place)]);
    await client.query(endRights, [unused.map(({ awardId }) => awardId)]);
  }
}

/** A right to buy begins with the prize. */
async function grant(client: DbClient, giveawayId: string, { prize }: Rules, given: readonly Given[]): Promise<void> {
  if (prize.prize !== 'right-to-buy' || given.length === 0) return;
  const places = given.map(({ place }) => place);
  await client.query(grantRights, [giveawayId, places, prize.offerId, prize.units]);
}

/** The first `prizeCount` of those who are there win by the draw itself. */
function statesOf(placed: readonly { present: boolean }[], prizeCount: number): PlaceState[] {
  let winners = 0;
  return placed.map(({ present }) => (!present ? 'absent' : winners++ < prizeCount ? 'offered' : 'waiting'));
}

/** A right to buy lasts as long as the prize says; anything else waits for its claim. */
const claimMsOf = ({ prize, claimMs }: Rules): number =>
  prize.prize === 'right-to-buy' ? prize.minutes * 60_000 : claimMs;

const placeOf = <P extends Place>({ score, ...row }: Raw<P>): P => ({ ...row, score: hexOf(score) }) as unknown as P;
