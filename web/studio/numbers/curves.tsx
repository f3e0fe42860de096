import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../../design/theme.ts';
import { language } from '../../i18n/language.ts';
import { useStore } from '../../state/store.ts';
import { placedLabels } from './mark-labels.ts';
import { timeTicks } from './time-ticks.ts';
import './curves.css';

/** One line over time. Lines of one side share its axis; `nowhere` is a gap. */
export type Curve = {
  label: string;
  /** A token of the design. */
  colour: '--curve-1' | '--curve-2' | '--curve-3' | '--curve-4';
  side: 'left' | 'right';
  values: readonly (number | null)[];
  says: (value: number) => string;
};
export type Mark = { atMs: number; label: string };

type Props = { label: string; timesMs: readonly number[]; curves: readonly Curve[]; marks: readonly Mark[] };

const heightPx = 152;
/** Room above the highest value, for the words of the marks. */
const topRoom = 1.7;
/** Room of one time under the curve, with the axes at its sides. */
const tickPx = 110;
/** The curve begins as a minute, not as a blown-up moment. */
const spanSecondsMin = 60;
// Its name, uPlot.Axis.Side.Right, exists for the compiler alone; a build file by file cannot read it.
const rightSide: uPlot.Axis.Side = 1;

/** Figures over time, with a mark where something was pinned or a sale opened: what moved the curve. */
export function Curves({ label, timesMs, curves, marks }: Props) {
  const isDark = useStore(theme) === 'dark';
  const lang = useStore(language);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ curves, marks });
  latest.current = { curves, marks };
  const kinds = curves.map(({ label: name, colour, side }) => `${name} ${colour} ${side}`).join('\n');

  useEffect(() => {
    const element = place.current!;
    const chart = new uPlot(
      optionsFor(element, latest.current.curves, () => latest.current.marks),
      dataOf(timesMs, curves),
      element,
    );
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: heightPx }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.destroy();
    };
  }, [isDark, lang, kinds]);

  useEffect(() => plot.current?.setData(dataOf(timesMs, curves)), [timesMs, curves, marks]);

  return (
    <figure class="curves">
      <figcaption class="curves__legend numbers">
        {curves.map(({ label: name, colour, values, says }) => {
          const last = values.findLast((value) => value !== null);
          return (
            <span key={name} class="curves__name">
              <span class="curves__ink" style={{ background: `var(${colour})` }} />
              {name} <strong>{typeof last === 'number' ? says(last) : '–'}</strong>
            </span>
          );
        })}
      </figcaption>
      <div ref={place} role="img" aria-label={label} />
    </figure>
  );
}

function optionsFor(element: HTMLElement, curves: readonly Curve[], marksNow: () => readonly Mark[]): uPlot.Options {
  const token = (name: string) => getComputedStyle(element).getPropertyValue(name);
  const ink = token('--text-quiet');
  const grid = { stroke: token('--line'), width: 1 };
  const saysOf = (side: Curve['side']) => curves.find((curve) => curve.side === side)?.says ?? String;
  const upToTop: uPlot.Range.Function = (_plot, _min, max) => [0, Math.max(4, (max || 0) * topRoom)];
  return {
    width: element.clientWidth,
    height: heightPx,
    cursor: { drag: { x: false, y: false } },
    legend: { show: false },
    series: [
      {},
      ...curves.map(({ label, colour, side }, index) => ({
        label,
        stroke: token(colour),
        width: 2,
        scale: side,
        points: { show: false },
        ...(index === 0 ? { fill: `color-mix(in srgb, ${token(colour)} 12%, transparent)` } : {}),
      })),
    ],
    axes: [
      {
        stroke: ink,
        grid,
        splits: (_plot, _axis, min, max) => timeTicks(min, max, Math.floor(element.clientWidth / tickPx)),
        values: (_plot, at) => at.map(at.some((seconds) => seconds % 60 !== 0) ? toSecond : toMinute),
      },
      { stroke: ink, grid, scale: 'left', size: 56, values: (_plot, at) => at.map(saysOf('left')) },
      {
        stroke: ink,
        side: rightSide,
        scale: 'right',
        size: 64,
        grid: { show: false },
        values: (_plot, at) => at.map(saysOf('right')),
      },
    ],
    scales: {
      x: { range: (_plot, min, max) => [Math.min(min, max - spanSecondsMin), max] },
      left: { range: upToTop },
      right: { range: upToTop },
    },
    hooks: { draw: [(drawn) => drawMarks(drawn, marksNow(), { ink, ground: token('--surface') })] },
  };
}

const clock = (seconds: number, parts: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(language.get(), { hour: '2-digit', minute: '2-digit', hour12: false, ...parts }).format(
    seconds * 1_000,
  );
const toMinute = (seconds: number): string => clock(seconds, {});
const toSecond = (seconds: number): string => clock(seconds, { second: '2-digit' });

const dataOf = (timesMs: readonly number[], curves: readonly Curve[]): uPlot.AlignedData => [
  timesMs.map((atMs) => atMs / 1_000),
  ...curves.map(({ values }) => [...values]),
];

/** A line at each mark, and beside it its word where there is room for one. */
function drawMarks(plot: uPlot, marks: readonly Mark[], { ink, ground }: { ink: string; ground: string }): void {
  const { ctx, bbox } = plot;
  const [left, right] = [bbox.left, bbox.left + bbox.width];
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.fillStyle = ink;
  const shown = marks
    .map(({ atMs, label }) => ({
      x: plot.valToPos(atMs / 1_000, 'x', true),
      label,
      width: ctx.measureText(label).width,
    }))
    .filter(({ x }) => x >= left && x <= right)
    .sort((a, b) => a.x - b.x);
  const labels = placedLabels(shown, { left, right }, 4 * devicePixelRatio);
  ctx.strokeStyle = ink;
  ctx.setLineDash([4, 4]);
  for (const { x } of shown) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  // Over all lines, and with room around them: the line of the next mark may run where a word stands.
  ctx.strokeStyle = ground;
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.setLineDash([]);
  for (const [index, placed] of labels.entries()) {
    if (!placed) continue;
    const { label } = shown[index]!;
    const y = bbox.top + (12 + placed.row * 14) * devicePixelRatio;
    ctx.strokeText(label, placed.x, y);
    ctx.fillText(label, placed.x, y);
  }
  ctx.restore();
}
