import { count, money, percent } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { studioTexts } from '../studio.messages.ts';
import type { ShowNumbers } from './use-show-numbers.ts';
import './figures.css';

/** What is null is not known yet. */
type Props = {
  totals: ShowNumbers['totals'] | null;
  clicks: number | null;
  visitors: number;
  likes: number;
  /** While it is on. */
  viewers?: number;
  chatRate?: number | null;
  /** Of a show that is over, and of no use while it is on. */
  length?: string;
  peak?: number;
};

/** The figures of a show in one form: what a host steers by while it is on, everything afterwards. */
export function Figures({ totals, clicks, visitors, likes, viewers, chatRate, length, peak }: Props) {
  const t = useMessages(studioTexts);
  const amount = (minor: number | undefined) =>
    totals?.currency && minor !== undefined ? money({ minor, currency: totals.currency }) : unknown;
  const figures: [name: string, value: string | undefined, hint?: string][] = [
    [t.length, length],
    [t.viewers, viewers === undefined ? undefined : count(viewers)],
    [t.peak, peak === undefined ? undefined : count(peak)],
    [t.visitors, count(visitors)],
    [t.chatRate, chatRate === undefined ? undefined : known(chatRate)],
    [t.likes, count(likes)],
    [t.clicks, known(clicks), t.clicksHint],
    [t.orders, known(totals?.orders)],
    [t.paidOrders, viewers === undefined ? known(totals?.paidOrders) : undefined],
    [t.soldUnits, viewers === undefined ? known(totals?.soldUnits) : undefined],
    [t.gross, amount(totals?.grossMinor)],
    [t.net, amount(totals?.netMinor)],
    [t.conversion, totals && visitors > 0 ? percent(totals.buyers / visitors) : unknown, t.conversionHint],
  ];
  return (
    <dl class="figures numbers">
      {figures.map(
        ([name, value, hint]) =>
          value !== undefined && (
            <div key={name} title={hint}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

const unknown = '–';
const known = (value: number | null | undefined): string =>
  value === null || value === undefined ? unknown : count(value);
