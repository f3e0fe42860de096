/**
 * Entries that are read at once, and travel to a draw thread together: half a megabyte. A power of two, so that the root of a page is a
 * node of the whole tree, on one level for all pages; small enough that threads are busy alike, and that reading the next page and
 * hashing this one overlap.
 */
export const pageEntries = 8_192;

/** Entries of a block: a power of two too, so that block roots are one level of the tree. Small enough to be hashed between two requests. */
export const blockEntries = 256;

/** Ids that are ranked at once, at the most: 4 MB. Fewer and larger parts than pages, because each part has its own first places. */
export const rankedIdsMax = 262_144;
