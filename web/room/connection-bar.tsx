import { useEffect } from 'preact/hooks';
import { Bar } from '../design/bar.tsx';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { OldNewsBar } from '../shell/old-news-bar.tsx';
import { ended } from '../session/ended.ts';
import { useOldNews } from '../state/old-news.ts';
import { online } from '../state/online.ts';
import { useStore } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import type { Missed } from './room-session.ts';

/** Says it when what is on the page may be old, and once it is not any more, what came meanwhile. */
export function ConnectionBar() {
  const t = useMessages(roomTexts);
  const session = useRoom();
  const { phase, room } = session;
  const { phase: now } = useStore(phase);
  const isOnline = useStore(online);
  const isAway = now === 'away' || (now === 'entering' && !isOnline);
  const isEnded = useStore(ended)?.mend === 'reload';
  const reading = useStore(session.offersState);
  useOldNews(reading.state === 'ready' && reading.isOld, session.readOffers);
  useEffect(() => session.onBack((missed) => toast(backText(missed, t), 'good')), [session, t]);
  const isRehearsal = useStore(room)?.rehearsal ?? false;
  // What ended for good is said over every page, with what helps.
  if (isAway && !isEnded) return <Bar tone="bad">{t.away}</Bar>;
  return (
    <>
      <OldNewsBar />
      {isRehearsal && <Bar tone="gold">{t.rehearsal}</Bar>}
    </>
  );
}

function backText(missed: Missed, t: (typeof roomTexts)['en']): string {
  if (missed === 'unknown') return t.backAnew;
  return missed.messages > 0 ? t.missed(missed.messages) : t.backAgain;
}
