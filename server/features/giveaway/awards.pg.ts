import type { Prize, Rules } from '../../../shared/raffle/rules.ts';
import { bytesOfHex, hexOf } from '../../../shared/raffle/bytes.ts';
import { inTransaction, type Db, type DbClient } from '../../platform/postgres.ts';
import type { AwardStore, Place, WonPlace } from './awards.ts';

const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

const columns = `w.giveaway_id AS "giveawayId", w.place, w.entry_number AS "entryNumber", e.entry_id AS "entryId", w.score,
  w.person_id AS "personId", p.display_name AS name, w.state,
  (extract(epoch FROM w.claim_by) * 1000)::bigint AS "claimByMs", w.address_id AS "addressId", w.award_id AS "awardId"`;
const from = `giveaway_places w JOIN giveaway_entries e USING (giveaway_id, entry_number)
  JOIN people p ON p.person_id = w.person_id`;

const lock = `SELECT state FROM giveaways WHERE giveaway_id = $1 FOR UPDATE`;
const insertPlaces = `
  INSERT INTO giveaway_places (giveaway_id, place, entry_number, score, person_id, state)
  SELECT $1, new.place - 1, new.entry_number, new.score, e.person_id, CASE WHEN new.present THEN 'waiting' ELSE 'absent' END
  FROM unnest($2::int[], $3::bytea[], $4::boolean[]) WITH ORDINALITY AS new (entry_number, score, present, place)
  JOIN giveaway_entries e ON e.giveaway_id = $1 AND e.entry_number = new.entry_number`;
const markDrawn = `
  UPDATE giveaways SET state = 'drawn', revealed = $3, ended_at = ${at('$2')} WHERE giveaway_id = $1`;

/** One statement under the lock of the giveaway's row: prizes that are out are counted and given in the same breath. */
const offer = `
  UPDATE giveaway_places w SET state = 'offered', claim_by = ${at('$3')}, award_id = gen_random_uuid()
  WHERE giveaway_id = $1 AND place IN (
    SELECT place FROM giveaway_places WHERE giveaway_id = $1 AND state = 'waiting' ORDER BY place
    LIMIT greatest(0, $2 - (SELECT count(*) FROM giveaway_places WHERE giveaway_id = $1 AND state IN ('offered', 'claimed')))
  ) RETURNING place`;
const grantRight = `
  INSERT INTO rights_to_buy (right_id, person_id, offer_id, units, expires_at)
  SELECT award_id, person_id, $3, $4, claim_by FROM giveaway_places WHERE giveaway_id = $1 AND place = ANY ($2)`;

const due = `
  SELECT DISTINCT giveaway_id AS "giveawayId" FROM giveaway_places WHERE state = 'offered' AND claim_by <= ${at('$1')}
  UNION
  SELECT g.giveaway_id FROM giveaways g
  WHERE g.state = 'drawn' AND EXISTS (SELECT FROM giveaway_places w WHERE w.giveaway_id = g.giveaway_id AND w.state = 'waiting')
    AND (SELECT count(*) FROM giveaway_places w WHERE w.giveaway_id = g.giveaway_id AND w.state IN ('offered', 'claimed'))
        < (g.rules->>'prizeCount')::int
  LIMIT $2`;
const rightUsed = `
  EXISTS (SELECT FROM orders o WHERE o.right_id = w.award_id AND o.state NOT IN ('abandoned', 'expired', 'cancelled'))`;
const forfeit = `
  UPDATE giveaway_places w SET
    state = CASE WHEN ${rightUsed} THEN 'claimed' ELSE 'forfeited' END,
    claimed_at = CASE WHEN ${rightUsed} THEN ${at('$2')} END
  WHERE giveaway_id = $1 AND state = 'offered' AND claim_by <= ${at('$2')}`;
const claim = `
  UPDATE giveaway_places SET state = 'claimed', claimed_at = ${at('$4')}, address_id = $3
  WHERE giveaway_id = $1 AND person_id = $2 AND state = 'offered' AND claim_by > ${at('$4')}`;

const places = `SELECT ${columns} FROM ${from} WHERE w.giveaway_id = $1 ORDER BY w.place LIMIT $2`;
const somePlaces = `SELECT ${columns} FROM ${from} WHERE w.giveaway_id = $1 AND w.place = ANY ($2) ORDER BY w.place`;
const won = `SELECT ${columns}, g.rules FROM ${from} JOIN giveaways g USING (giveaway_id)`;
const ofPerson = `${won} WHERE w.giveaway_id = $1 AND w.person_id = $2`;
const wins = `
  ${won} WHERE w.person_id = $1 AND w.state IN ('offered', 'claimed') ORDER BY w.claim_by DESC LIMIT $2`;

type Raw<P> = Omit<P, 'score'> & { score: Buffer };

export function createAwardStore(db: Db): AwardStore {
  return {
    draw: (giveawayId, placed, revealed, nowMs) =>
      inTransaction(db, async (client) => {
        if ((await stateOf(client, giveawayId)) !== 'frozen') return;
        const numbers = placed.map(({ entryNumber }) => entryNumber);
        const scores = placed.map(({ score }) => Buffer.from(bytesOfHex(score)));
        const present = placed.map((each) => each.present);
        await client.query(insertPlaces, [giveawayId, numbers, scores, present]);
        await client.query(markDrawn, [giveawayId, nowMs, revealed]);
      }),
    offer: (giveawayId, rules, nowMs) =>
      inTransaction(db, async (client) => {
        await stateOf(client, giveawayId); // The lock: two workers must not both see a free prize.
        const given = await giveNext(client, giveawayId, rules, nowMs);
        if (given.length === 0) return [];
        return (await client.query<Raw<Place>>(somePlaces, [giveawayId, given])).rows.map(placeOf);
      }),
    async due(nowMs, max) {
      return (await db.query<{ giveawayId: string }>(due, [nowMs, max])).rows.map(({ giveawayId }) => giveawayId);
    },
    async forfeit(giveawayId, nowMs) {
      await db.query(forfeit, [giveawayId, nowMs]);
    },
    async claim(giveawayId, personId, addressId, nowMs) {
      if ((await db.query(claim, [giveawayId, personId, addressId, nowMs])).rowCount === 1) return 'claimed';
      const row = (await db.query<Raw<WonPlace>>(ofPerson, [giveawayId, personId])).rows[0];
      if (row?.state === 'claimed') return 'claimed'; // Sent twice: it is theirs.
      return row?.state === 'offered' || row?.state === 'forfeited' ? 'too_late' : 'nothing_to_claim';
    },
    async places(giveawayId, max) {
      return (await db.query<Raw<Place>>(places, [giveawayId, max])).rows.map(placeOf);
    },
    async ofPerson(giveawayId, personId) {
      const row = (await db.query<Raw<WonPlace>>(ofPerson, [giveawayId, personId])).rows[0];
      return row ? placeOf(row) : null;
    },
    async wins(personId, max) {
      return (await db.query<Raw<WonPlace>>(wins, [personId, max])).rows.map(placeOf);
    },
  };
}

async function stateOf(client: DbClient, giveawayId: string): Promise<string | undefined> {
  return (await client.query<{ state: string }>(lock, [giveawayId])).rows[0]?.state;
}

async function giveNext(client: DbClient, giveawayId: string, rules: Rules, nowMs: number): Promise<number[]> {
  const { prize, claimMs, prizeCount } = rules;
  const values = [giveawayId, prizeCount, nowMs + claimMsOf(prize, claimMs)];
  const given = (await client.query<{ place: number }>(offer, values)).rows.map(({ place }) => place);
  if (prize.prize === 'right-to-buy') await client.query(grantRight, [giveawayId, given, prize.offerId, prize.units]);
  return given;
}

/** A right to buy lasts as long as the prize says; anything else waits for its claim. */
const claimMsOf = (prize: Prize, claimMs: number): number =>
  prize.prize === 'right-to-buy' ? prize.minutes * 60_000 : claimMs;

const placeOf = <P extends Place>({ score, ...row }: Raw<P>): P => ({ ...row, score: hexOf(score) }) as unknown as P;
