/**
 * Entries that travel to a draw thread together. A power of two, so that the root of a page is a node of the whole tree, on one
 * level for all pages; small enough that reading the next page and hashing this one overlap.
 */
export const pageEntries = 32_768;

/** Entries of a block: a power of two too, so that block roots are one level of the tree. Small enough to be hashed between two requests. */
export const blockEntries = 256;
