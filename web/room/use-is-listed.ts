import { useSelected } from '../state/store.ts';
import { useRoom } from './room-context.ts';

/** Whether somebody is among the people that a figure of the room lists: who speaks, and whose line loses what they send. */
export function useIsListed(figure: 'speakers' | 'losing', personId: string): boolean {
  const listed = useSelected(useRoom().figures, (figures) => figures[figure]);
  return String(listed ?? '')
    .split(' ')
    .includes(personId);
}
