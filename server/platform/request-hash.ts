import { createHash } from 'node:crypto';

/**
 * Fingerprint of what a request says, kept beside its idempotency key: the same key with another fingerprint is refused
 * with KEY_REUSED. Takes plain data; the order of object keys does not matter.
 */
export function requestHash(request: unknown): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}
