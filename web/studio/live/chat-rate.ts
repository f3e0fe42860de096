import type { NumbersPoint } from '../../../shared/protocol/numbers.ts';

const minuteMs = 60_000;
/** Of each point: the server looks at a show this often. */
const pointMs = 10_000;

/** Chat messages a minute, as the server counts them: over the last minute, or over the part of it that the show has been on. */
export function chatPerMinute(points: readonly NumbersPoint[]): number {
  const last = points.at(-1);
  if (!last) return 0;
  // Looks are not to the millisecond: half a point more or less is the same one.
  const counted = points.filter(({ atMs }) => atMs > last.atMs - minuteMs + pointMs / 2);
  const messages = counted.reduce((sum, point) => sum + point.messages, 0);
  return Math.round((messages * minuteMs) / (counted.length * pointMs));
}
