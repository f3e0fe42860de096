import { useEffect, useRef } from 'preact/hooks';

/** Looks every so often while `isOn`: at what nobody tells of, or at what may have been told and lost on the way. */
export function useEvery(everyMs: number, look: () => void, isOn = true): void {
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => latest.current(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isOn]);
}
