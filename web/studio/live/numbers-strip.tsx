import { useMessages } from '../../i18n/messages.ts';
import { count, money, percent } from '../../i18n/format.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { Curves } from './curves.tsx';
import { useLiveNumbers } from './use-live-numbers.ts';

/** What the show brings, now. Money comes from the orders themselves, people from the room's own counts. */
export function NumbersStrip({ room }: { room: Room }) {
  const t = useMessages(studioTexts);
  const { now, points, marks } = useLiveNumbers(room);
  const figures: [string, string, string?][] = [
    [t.viewers, count(now.viewers)],
    [t.visitors, count(now.visitors)],
    [t.chatRate, count(now.chatPerMinute)],
    [t.likes, count(now.likes)],
    [t.orders, count(now.orders)],
    [t.gross, now.currency ? money({ minor: now.grossMinor, currency: now.currency }) : '–'],
    [t.net, now.currency ? money({ minor: now.netMinor, currency: now.currency }) : '–'],
    [t.conversion, now.visitors > 0 ? percent(now.buyers / now.visitors) : '–', t.conversionHint],
  ];
  return (
    <section class="panel numbers-strip" aria-label={t.sections.numbers}>
      <dl class="figures numbers">
        {figures.map(([name, value, hint]) => (
          <div key={name} title={hint}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Curves points={points} marks={marks} label={t.curve} />
      <p class="quiet small">{t.sinceOpened}</p>
    </section>
  );
}
