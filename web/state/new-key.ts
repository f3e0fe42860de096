/** A key that names one wish of the person: sent again after a lost answer, it happens once. */
export function newKey(): string {
  // randomUUID is for secure pages only; the key needs to be unlike others, not secret.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
