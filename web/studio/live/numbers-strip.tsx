import { AppError } from '../../../shared/errors.ts';
import { Problem } from '../../design/problem.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { sayError } from '../../session/say-error.ts';
import { useStore } from '../../state/store.ts';
import type { Loaded } from '../../state/use-loaded.ts';
import { Figures } from '../numbers/figures.tsx';
import { ShowCurves } from '../numbers/show-curves.tsx';
import type { ShowNumbers } from '../numbers/use-show-numbers.ts';
import { studioTexts } from '../studio.messages.ts';
import { chatPerMinute } from './chat-rate.ts';

/** What the show brings, now. Money comes from the orders themselves, people from the room's own counts. */
export function NumbersStrip({ numbers }: { numbers: Loaded<ShowNumbers> }) {
  const t = useMessages(studioTexts);
  const { figures, offers } = useRoom();
  const live = useStore(figures);
  // Numbers are the host's business: whoever helps has the people, and no empty curves.
  if (numbers.state === 'failed' && numbers.error instanceof AppError && numbers.error.code === 'FORBIDDEN')
    return null;
  const known = numbers.state === 'ready' ? numbers.value : null;
  const itemNumberOf = (offerId: string) => offers.get().find((offer) => offer.offerId === offerId)?.itemNumber ?? null;
  return (
    <section class="panel numbers-strip" aria-label={t.sections.numbers} aria-busy={numbers.state === 'loading'}>
      <Figures
        totals={known?.totals ?? null}
        clicks={known && known.products.reduce((sum, { looks }) => sum + looks, 0)}
        viewers={numberOf(live['viewers'])}
        visitors={numberOf(live['visitors'])}
        likes={numberOf(live['likes'])}
        chatRate={known && chatPerMinute(known.points)}
      />
      {numbers.state === 'failed' && <Problem text={sayError(numbers.error)} />}
      {known && <ShowCurves numbers={known} marks={known.marks} itemNumberOf={itemNumberOf} />}
    </section>
  );
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
