import { hexOf, type Bytes } from '../../../shared/raffle/bytes.ts';
import { entriesMax, type Entry } from '../../../shared/raffle/entry.ts';
import { entryIdBytes, packedEntryBytes } from '../../../shared/raffle/packed-entry.ts';
import { inTransaction, type Db, type DbClient, type Queryable } from '../../platform/postgres.ts';
import { pageEntries } from './list-sizes.ts';
import type { AddedEntries, Entrant, EntryStore, NewEntry } from './entries.ts';

const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;
const columns = `entry_number AS number, entry_id AS id, entrant, nonce, person_id AS "personId"`;

/** The lock makes numbers dense and the close sharp: whoever closes the giveaway waits for this batch, or refuses it. */
const lock = `
  SELECT entry_count AS "entryCount", state <> 'published' OR ${at('$2')} >= closes_at AS "isClosed",
    ${at('$2')} >= opens_at AND told @> ARRAY['published'] AS "isOpen"
  FROM giveaways WHERE giveaway_id = $1 FOR UPDATE`;
/** Lists travel as one text: the driver would look at each item of an array for what must be escaped, and nothing here must be. */
const listed = (parameter: string, type: 'uuid' | 'text'): string => `string_to_array(${parameter}, ' ')::${type}[]`;
const known = `SELECT ${columns} FROM giveaway_entries WHERE giveaway_id = $1 AND person_id = ANY (${listed('$2', 'uuid')})`;
const insert = `
  INSERT INTO giveaway_entries (giveaway_id, entry_number, entry_id, person_id, entrant, nonce, entered_at)
  SELECT $1, $2 + place - 1, entry_id, person_id, decode(entrant, 'hex'), decode(nonce, 'hex'), ${at('$7')}
  FROM unnest(${listed('$3', 'uuid')}, ${listed('$4', 'uuid')}, ${listed('$5', 'text')}, ${listed('$6', 'text')}) WITH ORDINALITY AS new (entry_id, person_id, entrant, nonce, place)`;
const count = `UPDATE giveaways SET entry_count = entry_count + $2 WHERE giveaway_id = $1`;

const people = `
  SELECT person_id AS "personId", (extract(epoch FROM entered_at) * 1000)::bigint AS "enteredAtMs" FROM giveaway_entries
  WHERE giveaway_id = $1 AND entry_number >= $2 AND entry_number < $3 ORDER BY entry_number`;

/**
 * Joined in the database: 64 bytes a row in one value cost a fraction of four columns a row, and don't stall the event loop. Rows come in
 * order from the index, which costs less than to order them inside of the aggregate.
 */
const slice = (packed: string): string => `
  SELECT coalesce(string_agg(packed, ''::bytea), ''::bytea) AS packed FROM (
    SELECT ${packed} AS packed FROM giveaway_entries
    WHERE giveaway_id = $1 AND entry_number >= $2 AND entry_number < $3 ORDER BY entry_number
  ) AS in_order`;
const entrySlice = slice(`uuid_send(entry_id) || entrant || nonce`);
const idSlice = slice(`uuid_send(entry_id)`);

/** Ids read at once: half a megabyte. */
const sliceIds = 32_768;

type Locked = { entryCount: number; isOpen: boolean; isClosed: boolean };
type Raw = { number: number; id: string; entrant: Buffer; nonce: Buffer; personId: string };

export function createEntryStore(db: Db): EntryStore {
  return {
    add: (giveawayId, people, nowMs) => inTransaction(db, (client) => add(client, giveawayId, people, nowMs)),
    ofPeople: (giveawayId, personIds) => knownEntries(db, giveawayId, personIds),
    async people(giveawayId, firstNumber, entries) {
      return (await db.query<Entrant>(people, [giveawayId, firstNumber, firstNumber + entries])).rows;
    },
    pages: (giveawayId, firstNumber = 0) => readPages(giveawayId, firstNumber),
    slice: (giveawayId, firstNumber, entries) => readSlice(entrySlice, giveawayId, firstNumber, entries),
    async ids(giveawayId, entryCount) {
      const ids = new Uint8Array(entryCount * entryIdBytes);
      for (let first = 0; first < entryCount; first += sliceIds)
        ids.set(
          await readSlice(idSlice, giveawayId, first, Math.min(sliceIds, entryCount - first)),
          first * entryIdBytes,
        );
      return ids;
    },
  };

  async function* readPages(giveawayId: string, firstNumber: number): AsyncGenerator<Bytes> {
    const read = (pageNumber: number): Promise<Bytes> => {
      const page = readSlice(entrySlice, giveawayId, pageNumber, pageEntries);
      page.catch(() => undefined); // Told to whoever waits for it; nobody does when the page before it was the last one wanted.
      return page;
    };
    let next: Promise<Bytes> | null = read(firstNumber);
    for (let pageNumber = firstNumber + pageEntries; next; pageNumber += pageEntries) {
      const page: Bytes = await next;
      next = page.length < pageEntries * packedEntryBytes ? null : read(pageNumber); // On its way while this one is hashed.
      if (page.length > 0) yield page;
    }
  }

  async function readSlice(sql: string, giveawayId: string, firstNumber: number, entries: number): Promise<Bytes> {
    const values = [giveawayId, firstNumber, firstNumber + entries];
    return new Uint8Array((await db.query<{ packed: Buffer }>(sql, values)).rows[0]!.packed);
  }
}

async function add(
  client: DbClient,
  giveawayId: string,
  people: readonly NewEntry[],
  nowMs: number,
): Promise<AddedEntries> {
  const { rows } = await client.query<Locked>(lock, [giveawayId, nowMs]);
  const { entryCount, isOpen, isClosed } = rows[0]!;
  const personIds = people.map(({ personId }) => personId);
  const entries = await knownEntries(client, giveawayId, personIds);
  const refusal = isClosed ? 'closed' : isOpen ? 'full' : 'not_open';
  const roomFor = refusal === 'full' ? entriesMax - entryCount : 0;
  const added: NewEntry[] = [];
  for (const person of people) {
    if (entries.has(person.personId) || added.length >= roomFor) continue;
    const { personId, entryId: id, entrant, nonce } = person;
    entries.set(personId, { number: entryCount + added.length, id, entrant, nonce });
    added.push(person);
  }
  if (added.length > 0) await insertAll(client, giveawayId, entryCount, added, nowMs);
  return {
    entries: personIds.map((personId) => entries.get(personId) ?? refusal),
    entryCount: entryCount + added.length,
  };
}

async function knownEntries(
  db: Queryable,
  giveawayId: string,
  personIds: readonly string[],
): Promise<Map<string, Entry>> {
  const { rows } = await db.query<Raw>(known, [giveawayId, personIds.join(' ')]);
  return new Map(rows.map((row) => [row.personId, entryOf(row)]));
}

async function insertAll(
  client: DbClient,
  giveawayId: string,
  firstNumber: number,
  added: readonly NewEntry[],
  nowMs: number,
): Promise<void> {
  await client.query(insert, [
    giveawayId,
    firstNumber,
    ...(['entryId', 'personId', 'entrant', 'nonce'] as const).map((name) =>
      added.map((entry) => entry[name]).join(' '),
    ),
    nowMs,
  ]);
  await client.query(count, [giveawayId, added.length]);
}

const entryOf = ({ number, id, entrant, nonce }: Raw): Entry => ({
  number,
  id,
  entrant: hexOf(entrant),
  nonce: hexOf(nonce),
});
