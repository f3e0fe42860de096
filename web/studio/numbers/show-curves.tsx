import { useMemo, useState } from 'preact/hooks';
import { Tabs } from '../../design/tabs.tsx';
import { count, money } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { NumbersMark, NumbersPoint } from '../../../shared/protocol/numbers.ts';
import { studioTexts } from '../studio.messages.ts';
import { Curves, type Curve, type Mark } from './curves.tsx';
import type { ShowNumbers } from './use-show-numbers.ts';

type Shown = 'people' | 'sales' | 'products';
type Texts = (typeof studioTexts)['en'];
type Props = {
  numbers: Pick<ShowNumbers, 'points' | 'sales' | 'totals'>;
  marks: readonly NumbersMark[];
  itemNumberOf: (offerId: string) => number | null;
  /** No point will come any more. */
  isOver?: boolean;
};

/** Points of one answer stand for ten seconds. */
const minute = 6;
const stockCurvesMax = 3;
const stockColours = ['--curve-2', '--curve-3', '--curve-4'] as const;

/** The way of a show: who was there, what was bought, what was looked at and is left; marked with pins, sales and bags. */
export function ShowCurves({ numbers, marks, itemNumberOf, isOver = false }: Props) {
  const t = useMessages(studioTexts);
  const [shown, setShown] = useState<Shown>('people');
  const { points } = numbers;
  const timesMs = useMemo(() => points.map(({ atMs }) => atMs), [points]);
  const curves = useMemo(() => curvesOf(shown, numbers, itemNumberOf, t), [shown, numbers, t]);
  const labels = useMemo(() => marks.map((mark) => ({ atMs: mark.atMs, label: labelOf(mark, t) })), [marks, t]);
  const tabs = (['people', 'sales', 'products'] as const).map((key) => ({ key, label: t.curveTabs[key] }));
  return (
    <div class="show-curves">
      <Tabs label={t.curve} tabs={tabs} chosen={shown} onChoose={setShown}>
        {points.length < 2 ? (
          <p class="curves__soon quiet small">{isOver ? t.curvesNone : t.curvesSoon}</p>
        ) : (
          <Curves label={t.curveTabs[shown]} timesMs={timesMs} curves={curves} marks={labels} />
        )}
      </Tabs>
    </div>
  );
}

function curvesOf(shown: Shown, numbers: Props['numbers'], itemNumberOf: Props['itemNumberOf'], t: Texts): Curve[] {
  const { points } = numbers;
  const plain = { says: count };
  if (shown === 'people')
    return [
      { label: t.viewers, colour: '--curve-1', side: 'left', values: points.map(({ viewers }) => viewers), ...plain },
      { label: t.chatRate, colour: '--curve-2', side: 'right', values: points.map(chatOf), ...plain },
    ];
  if (shown === 'sales') return salesCurves(numbers, t);
  return [
    { label: t.clicks, colour: '--curve-1', side: 'left', values: points.map(({ looks }) => looks), ...plain },
    ...stockCurves(points, itemNumberOf, t),
  ];
}

const chatOf = ({ messages }: NumbersPoint): number => messages * minute;

/** Sums so far, at each point. */
function salesCurves({ points, sales, totals: { currency } }: Props['numbers'], t: Texts): Curve[] {
  let next = 0;
  let [orders, minor] = [0, 0];
  const sums = points.map(({ atMs }) => {
    for (; next < sales.length && sales[next]!.atMs <= atMs; next++) {
      orders += sales[next]!.orders;
      minor += sales[next]!.grossMinor;
    }
    return { orders, minor };
  });
  const says = (value: number) => (currency ? money({ minor: Math.round(value), currency }) : '–');
  return [
    { label: t.orders, colour: '--curve-3', side: 'left', values: sums.map((sum) => sum.orders), says: count },
    { label: t.gross, colour: '--curve-4', side: 'right', values: sums.map((sum) => sum.minor), says },
  ];
}

/** Units left of what was shown last: a line each, with gaps where it was neither pinned nor in a sale. */
function stockCurves(points: readonly NumbersPoint[], itemNumberOf: Props['itemNumberOf'], t: Texts): Curve[] {
  const newestFirst = points.toReversed().flatMap(({ unitsLeft }) => Object.keys(unitsLeft));
  return [...new Set(newestFirst)].slice(0, stockCurvesMax).map((offerId, index) => ({
    label: t.stockOf(itemNumberOf(offerId)),
    colour: stockColours[index]!,
    side: 'right',
    values: points.map(({ unitsLeft }) => unitsLeft[offerId] ?? null),
    says: count,
  }));
}

function labelOf({ what, itemNumber }: NumbersMark, t: Texts): Mark['label'] {
  if (what === 'giveaway') return t.markBag;
  return what === 'pin' ? t.markPin(itemNumber ?? 0) : t.markSale(itemNumber ?? 0);
}
