import { useEffect, useState } from 'preact/hooks';
import { clockOf } from '../i18n/format.ts';
import { onServerClock, serverNowMs, timerMsMax } from '../state/server-clock.ts';

/** Time left until an instant of the server's clock; wakes its place four times a second, and only while there is time left. */
export function useTimeLeft(untilMs: number): number {
  const [leftMs, setLeftMs] = useState(() => leftUntil(untilMs));
  useEffect(() => {
    let stop = tick(untilMs, setLeftMs);
    // What had ended by a wrong clock has not ended.
    const forget = onServerClock(() => {
      stop();
      stop = tick(untilMs, setLeftMs);
    });
    return () => {
      forget();
      stop();
    };
  }, [untilMs]);
  return leftMs;
}

const leftUntil = (untilMs: number): number => Math.max(0, untilMs - serverNowMs());

/** Shows the time that is left now and from now on; returns how to stop. */
function tick(untilMs: number, show: (leftMs: number) => void): () => void {
  const look = () => {
    const leftMs = leftUntil(untilMs);
    show(leftMs);
    if (leftMs === 0) clearInterval(timer);
  };
  // At zero the button wakes for everybody at once, so the last tick is aimed at the instant itself.
  const timer = setInterval(look, 250);
  const atTheEnd = setTimeout(look, Math.min(leftUntil(untilMs) + 1, timerMsMax));
  look();
  return () => {
    clearInterval(timer);
    clearTimeout(atTheEnd);
  };
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
