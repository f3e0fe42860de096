import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { useStore } from '../../state/store.ts';
import { Figures } from '../numbers/figures.tsx';
import { ShowCurves } from '../numbers/show-curves.tsx';
import type { ShowNumbers } from '../numbers/use-show-numbers.ts';
import { studioTexts } from '../studio.messages.ts';
import { chatPerMinute } from './chat-rate.ts';

const noTotals = { orders: 0, paidOrders: 0, buyers: 0, soldUnits: 0, grossMinor: 0, netMinor: 0, currency: null };
const nothing: ShowNumbers = { points: [], sales: [], marks: [], products: [], totals: noTotals };

/** What the show brings, now. Money comes from the orders themselves, people from the room's own counts. */
export function NumbersStrip({ numbers }: { numbers: ShowNumbers | null }) {
  const t = useMessages(studioTexts);
  const { figures, offers } = useRoom();
  const live = useStore(figures);
  const { totals, products, marks, points } = numbers ?? nothing;
  const itemNumberOf = (offerId: string) => offers.get().find((offer) => offer.offerId === offerId)?.itemNumber ?? null;
  return (
    <section class="panel numbers-strip" aria-label={t.sections.numbers}>
      <Figures
        totals={totals}
        clicks={products.reduce((sum, { looks }) => sum + looks, 0)}
        viewers={numberOf(live['viewers'])}
        visitors={numberOf(live['visitors'])}
        likes={numberOf(live['likes'])}
        chatRate={chatPerMinute(points)}
      />
      <ShowCurves numbers={numbers ?? nothing} marks={marks} itemNumberOf={itemNumberOf} />
    </section>
  );
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
