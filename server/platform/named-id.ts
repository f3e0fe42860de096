import { hash } from 'node:crypto';

/** An id that follows from a name: UUID version 8 (RFC 9562) of its SHA-256. The same name has the same id everywhere. */
export function idFromName(name: string): string {
  const hex = hash('sha256', name, 'hex');
  const variant = '89ab'[parseInt(hex[16]!, 16) & 3]!;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
