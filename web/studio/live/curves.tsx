import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../../design/theme.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useStore } from '../../state/store.ts';
import { studioTexts } from '../studio.messages.ts';
import type { Mark, Point } from './use-live-numbers.ts';

const heightPx = 150;
/** The curve begins as a minute, not as a blown-up moment. */
const spanSecondsMin = 60;
// Its name, uPlot.Axis.Side.Right, exists for the compiler alone; a build file by file cannot read it.
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const rightSide: uPlot.Axis.Side = 1;

type Props = { points: readonly Point[]; marks: readonly Mark[]; label: string };

/** Viewers and orders over time, with a mark where something was pinned or a sale opened: what moved the curve. */
export function Curves({ points, marks, label }: Props) {
  const t = useMessages(studioTexts);
  const isDark = useStore(theme) === 'dark';
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latestMarks = useRef(marks);
  latestMarks.current = marks;

  useEffect(() => {
    const element = place.current!;
    const ink = getComputedStyle(element).getPropertyValue('--text-quiet');
    const grid = { stroke: getComputedStyle(element).getPropertyValue('--line'), width: 1 };
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: heightPx,
        cursor: { drag: { x: false, y: false } },
        legend: { show: false },
        series: [
          {},
          {
            label: t.viewers,
            stroke: '#e0562f',
            width: 2,
            fill: 'rgb(224 86 47 / 12%)',
            scale: 'y',
            points: { show: false },
          },
          { label: t.orders, stroke: '#d09a2c', width: 2, scale: 'orders', points: { show: false } },
        ],
        axes: [
          { stroke: ink, grid },
          { stroke: ink, grid, size: 44 },
          { stroke: ink, side: rightSide, scale: 'orders', size: 44, grid: { show: false } },
        ],
        scales: {
          x: { range: (_plot, min, max) => [Math.min(min, max - spanSecondsMin), max] },
          y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.15)] },
          orders: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.15)] },
        },
        hooks: { draw: [(drawn) => drawMarks(drawn, latestMarks.current, ink)] },
      },
      dataOf(points),
      element,
    );
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: heightPx }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.destroy();
    };
  }, [isDark, t]);

  useEffect(() => plot.current?.setData(dataOf(points)), [points, marks]);

  return <div class="curves" ref={place} role="img" aria-label={label} />;
}

const dataOf = (points: readonly Point[]): uPlot.AlignedData => [
  points.map(({ atMs }) => atMs / 1_000),
  points.map(({ viewers }) => viewers),
  points.map(({ orders }) => orders),
];

function drawMarks(plot: uPlot, marks: readonly Mark[], ink: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px sans-serif`;
  ctx.fillStyle = ink;
  ctx.strokeStyle = ink;
  ctx.setLineDash([4, 4]);
  for (const [index, { atMs, label }] of marks.entries()) {
    const x = plot.valToPos(atMs / 1_000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(label, x + 4, bbox.top + (12 + (index % 3) * 13) * devicePixelRatio);
  }
  ctx.restore();
}
