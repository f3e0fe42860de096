/** Words of a search that are looked at; more would only slow it down. */
const wordsMax = 8;

/** What a text must match with `LIKE` to have this in it. LIKE's own signs are ordinary characters in it. */
export const containing = (part: string): string => `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`;

/** What a text in lower case must match with `LIKE ALL` to have every word of a search; one without words matches everything. */
export const searchPatterns = (search: string): string[] =>
  search.toLowerCase().split(/\s+/).filter(Boolean).slice(0, wordsMax).map(containing);
