import { Bar } from '../design/bar.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';

/** Says it when what is on the page may be old. */
export function ConnectionBar() {
  const t = useMessages(roomTexts);
  const { phase, room } = useRoom();
  const isAway = useStore(phase).phase === 'away';
  const isRehearsal = useStore(room)?.rehearsal ?? false;
  if (isAway) return <Bar tone="bad">{t.away}</Bar>;
  return isRehearsal ? <Bar>{t.rehearsal}</Bar> : null;
}
