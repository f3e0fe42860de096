/** How far the server's clock is ahead of this machine's, ms. Starts from HTTP dates (1 s exact), the socket makes it better. */
let offsetMs = 0;
let isExact = false;

/** Countdowns and deadlines are the server's: this machine's clock may be wrong by hours. */
export const serverNowMs = (): number => Date.now() + offsetMs;

export function heardServerDate(header: string | null): void {
  const atMs = header ? Date.parse(header) : NaN;
  if (!isExact && Number.isFinite(atMs) && Math.abs(atMs - serverNowMs()) > 2_000) offsetMs = atMs - Date.now();
}

export function heardServerOffset(aheadMs: number): void {
  isExact = true;
  offsetMs = aheadMs;
}
