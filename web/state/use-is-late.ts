import { useEffect, useState } from 'preact/hooks';
import { serverNowMs, timerMsMax } from './server-clock.ts';

/** Within a minute of its time nobody is called late, ms. */
const graceMs = 60_000;

/** Whether a show that has not begun should have by now, by the clock of the server; noticed when it becomes so. */
export function useIsLate(scheduledAtMs: number | null): boolean {
  const [, lookAgain] = useState(0);
  const lateAtMs = scheduledAtMs === null ? Infinity : scheduledAtMs + graceMs;
  const isLate = serverNowMs() >= lateAtMs;
  useEffect(() => {
    if (isLate || lateAtMs === Infinity) return;
    const timer = setTimeout(() => lookAgain((looks) => looks + 1), Math.min(lateAtMs - serverNowMs(), timerMsMax));
    return () => clearTimeout(timer);
  }, [lateAtMs, isLate]);
  return isLate;
}
