/** An instant, Unix ms, as a field of the kind `datetime-local` wants it: `2026-11-28T20:30`, in the zone of this device. Null: empty. */
export function localTimeOf(atMs: number | null): string {
  if (atMs === null) return '';
  const local = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length);
}
