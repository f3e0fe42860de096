import type { Room } from '../../shared/protocol/room.ts';
import type { Draft } from './use-draft.ts';
import type { Panels } from './use-panels.ts';
import type { Picture } from './use-picture.ts';

/** What a layout of the room is given, because it has to outlive it: turning a tablet changes the layout, and nothing else. */
export type LayoutProps = { room: Room; panels: Panels; draft: Draft; picture: Picture };
