import type { Position, RoomEntry, RoomFrame } from '../protocol/room.ts';

/** What a frame brings to a client that stands at a position. */
export type Taken =
  | { outcome: 'taken'; entries: RoomEntry[]; omitted: number }
  /** Nothing new in it; aggregates may still be. */
  | { outcome: 'known' }
  /** Something is missing between the position and the frame: join again with the position. */
  | { outcome: 'gap' };

export type LogReader = ReturnType<typeof createLogReader>;

/** Follows the log of one room by the rules of docs/protocol.md: every entry once, in order, and a gap is always noticed. */
export function createLogReader() {
  let position: Position | undefined;

  return {
    position: (): Position | undefined => position,
    /** Takes what the answer to a join tells. Entries at or before the position were seen. */
    begin(at: Position, recovered: boolean, entries: readonly RoomEntry[]): RoomEntry[] {
      const seen = recovered && position ? position.offset : 0;
      position = at;
      return entries.filter(({ offset }) => offset > seen);
    },
    take(frame: RoomFrame): Taken {
      if (!position || frame.epoch !== position.epoch || frame.from > position.offset) return { outcome: 'gap' };
      const seen = position.offset;
      if (frame.to <= seen) return { outcome: 'known' };
      const entries = frame.entries.filter(({ offset }) => offset > seen);
      position = { epoch: frame.epoch, offset: frame.to };
      // A frame that overlaps counts also what was seen.
      const omitted = Math.min(frame.omitted ?? 0, frame.to - seen - entries.length);
      return { outcome: 'taken', entries, omitted };
    },
  };
}
