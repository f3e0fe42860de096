/** Rooms that an index finds by their title, and people that another one finds by their name. */
const foundMax = 1_000;
/** Rooms of one person, the latest, and of all who are found. */
const ofOneMax = 200;
/** Rooms at the beginning of a list that are looked at one by one. */
const lookedAtMax = 2_000;

/** What is searched in: rooms `r` with `isListed` in common, in their order. $1 is the search, $2 the pattern of it for `ILIKE`. */
type List = { isListed: string; order: string };

/**
 * Rooms `r` with the search in their title or in the name of their host `h`, of those that the list begins with. As many as a page shows
 * are the first there are, and no more need be looked for.
 */
export const firstFound = ({ isListed, order }: List): string => `
  (SELECT * FROM rooms r WHERE ${isListed} ORDER BY ${order} LIMIT ${lookedAtMax}) AS r
  JOIN people h ON h.person_id = r.host_id AND (r.title ILIKE $2 OR h.display_name ILIKE $2)`;

/**
 * The same and those further down that indexes of pairs of characters find: a bounded number, so it takes a bounded time, whatever is
 * searched for among however many rooms. One character alone is looked for at the beginning of the list. Each room is read by its
 * id: asked to join them, PostgreSQL may take it for cheaper to go through all there are.
 */
export const allFound = (list: List): string => `
  (SELECT DISTINCT room_id FROM (
    (SELECT r.room_id FROM rooms r WHERE ${list.isListed} AND ${hasPairs('r.title')} LIMIT ${foundMax})
    UNION ALL
    (SELECT r.room_id
      FROM (SELECT person_id FROM people WHERE kind = 'account' AND ${hasPairs('display_name')} LIMIT ${foundMax}) AS h,
        LATERAL (SELECT room_id FROM rooms r WHERE r.host_id = h.person_id AND ${list.isListed}
          ORDER BY r.created_at DESC LIMIT ${ofOneMax}) AS r
      LIMIT ${foundMax})
    UNION ALL
    (SELECT r.room_id FROM ${firstFound(list)})) AS candidates) AS found,
  LATERAL (SELECT * FROM rooms WHERE rooms.room_id = found.room_id LIMIT 1) AS r
  JOIN people h ON h.person_id = r.host_id`;

/** The pairs are what the index knows; who has them all need not have them in their order. */
const hasPairs = (column: string): string =>
  `character_pairs($1) <> '{}' AND character_pairs(${column}) @> character_pairs($1) AND ${column} ILIKE $2`;
