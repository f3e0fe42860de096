/** Steps of a clock that people read at a glance, s. The last is for shows of any length. */
const stepsSeconds = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];

/**
 * Times to write under a curve: full steps inside of what is shown, as many as there is room for.
 *
 * @param from    and `to`: what is shown, Unix s.
 * @param ticksMax for which there is room.
 */
export function timeTicks(from: number, to: number, ticksMax: number): number[] {
  const step = stepsSeconds.find((seconds) => (to - from) / seconds <= ticksMax) ?? stepsSeconds.at(-1)!;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}
