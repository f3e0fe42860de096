import { createStore } from './store.ts';

/** A date of HTTP is cut to seconds, and takes a while to come: it mends only what is further off than this, ms. */
const dateErrorMs = 2_000;

/** How far the server's clock is ahead of this machine's, ms. HTTP dates say it to the second, the socket better. */
const aheadMs = createStore(0);
let isExact = false;

/** Countdowns and deadlines are the server's: this machine's clock may be wrong by hours. */
export const serverNowMs = (): number => Date.now() + aheadMs.get();

/** Calls back when the server's clock turned out to show something else than was thought; returns how to stop. */
export const onServerClock = aheadMs.subscribe;

export function heardServerDate(header: string | null): void {
  const atMs = header ? Date.parse(header) : NaN;
  if (isExact || !Number.isFinite(atMs) || Math.abs(atMs - serverNowMs()) <= dateErrorMs) return;
  aheadMs.set(atMs - Date.now());
}

/** @param offsetMs measured over the socket: from now on no date of HTTP is believed. */
export function heardServerOffset(offsetMs: number): void {
  isExact = true;
  aheadMs.set(offsetMs);
}

/** Timers of browsers know no longer time, ms. */
export const timerMsMax = 2 ** 31 - 1;
