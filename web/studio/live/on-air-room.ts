import { createStore } from '../../state/store.ts';

/** The show whose picture this page sends, by its id. Its console stays while the host looks at other parts of the studio. */
export const onAirRoom = createStore<string | null>(null);

/** Whether the picture goes on behind a link: the camera is this page's, and the console of another show takes the place of this one. */
export function staysOnAir(to: string, roomId: string): boolean {
  const [, page, section, id] = to.split(/[/?]/);
  return page === 'studio' && (section !== 'live' || !id || id === roomId);
}
