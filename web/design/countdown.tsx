import { useEffect, useState } from 'preact/hooks';
import { clockOf } from '../i18n/format.ts';
import { serverNowMs } from '../state/server-clock.ts';

/** Time left until an instant of the server's clock; wakes its place four times a second, and only while there is time left. */
export function useTimeLeft(untilMs: number): number {
  const [leftMs, setLeftMs] = useState(() => Math.max(0, untilMs - serverNowMs()));
  useEffect(() => {
    const look = () => {
      const now = Math.max(0, untilMs - serverNowMs());
      setLeftMs(now);
      if (now === 0) clearInterval(timer);
    };
    // At zero the button wakes for everybody at once, so the last tick is aimed at the instant itself.
    const timer = setInterval(look, 250);
    const atTheEnd = setTimeout(look, Math.min(Math.max(0, untilMs - serverNowMs()) + 1, 2 ** 31 - 1));
    look();
    return () => {
      clearInterval(timer);
      clearTimeout(atTheEnd);
    };
  }, [untilMs]);
  return leftMs;
}

/** Minutes and seconds that do not jump. Screen readers are not told every second. */
export function Countdown({ untilMs }: { untilMs: number }) {
  const leftMs = useTimeLeft(untilMs);
  return (
    <time class="numbers" role="timer" aria-live="off">
      {clockOf(leftMs)}
    </time>
  );
}
