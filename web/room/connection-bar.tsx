import { useEffect, useRef } from 'preact/hooks';
import { Bar } from '../design/bar.tsx';
import { toast } from '../design/toast.tsx';
import { count } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { ended } from '../session/ended.ts';
import { useStore } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';

/** The chat shows what was missed this long after the room is entered again, ms. */
const caughtUpMs = 400;

/** Says it when what is on the page may be old, and once it is not any more, what came meanwhile. */
export function ConnectionBar() {
  const t = useMessages(roomTexts);
  const { phase, room, chat } = useRoom();
  const isAway = useStore(phase).phase === 'away';
  const isEnded = useStore(ended)?.mend === 'reload';
  const knownLines = useRef<number | null>(null);
  useEffect(() => {
    if (isAway) return void (knownLines.current = chat.get().total);
    if (knownLines.current === null) return;
    const timer = setTimeout(() => {
      const missed = chat.get().total - (knownLines.current ?? 0);
      knownLines.current = null;
      toast(missed > 0 ? t.missed(count(missed)) : t.backAgain, 'good');
    }, caughtUpMs);
    return () => clearTimeout(timer);
  }, [isAway]);
  const isRehearsal = useStore(room)?.rehearsal ?? false;
  // What ended for good is said over every page, with what helps.
  if (isAway && !isEnded) return <Bar tone="bad">{t.away}</Bar>;
  return isRehearsal ? <Bar tone="gold">{t.rehearsal}</Bar> : null;
}
