import { z } from 'zod';

/** Entries of one giveaway at most. A million are tested; whoever checks four million needs 256 MB for them and 128 MB for their leaves. */
export const entriesMax = 4_000_000;

export const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in lower-case hex');
export const Nonce = z.string().regex(/^[0-9a-f]{32}$/, 'must be 16 bytes in lower-case hex');
export const EntryId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a lower-case UUID');

/** What is public about one entry. Nothing in it says who the entrant is. */
export const Entry = z.strictObject({
  number: z
    .int()
    .min(0)
    .max(entriesMax - 1)
    .describe('Place in the list and leaf of the tree; dense, from 0.'),
  id: EntryId.describe('Chosen by the server when it took the entry.'),
  entrant: Digest.describe(
    'Pseudonym: SHA-256 over a secret salt and the account id. One account has one per giveaway.',
  ),
  nonce: Nonce.describe("Chosen by the entrant's own device, so that nobody else decides the whole list."),
});
export type Entry = z.infer<typeof Entry>;
