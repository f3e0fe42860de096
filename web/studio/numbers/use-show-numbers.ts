import { useEffect, useRef } from 'preact/hooks';
import { ask, onNotice } from '../../session/connection.ts';
import { useEvery } from '../../state/use-every.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { NumbersMark, NumbersPoint } from '../../../shared/protocol/numbers.ts';

export type ShowNumbers = Output<'room:numbers'>;
export type { NumbersMark, NumbersPoint };

const readEveryMs = 5_000;
/** News of orders come in showers: read again this long after the first of them. */
const readSoonMs = 800;
/** Read again with every answer, because what was only held then may be paid now. */
const overlapMs = 20 * 60_000;

/** What the show brings, read again while it is on. An answer that is missing takes none away that was there. */
export function useShowNumbers(roomId: string, isOn: boolean) {
  const known = useRef<{ roomId: string; numbers: ShowNumbers }>(undefined);
  const read = async () => {
    const before = known.current?.roomId === roomId ? known.current.numbers : null;
    const afterMs = Math.max(0, (before?.points.at(-1)?.atMs ?? 0) - overlapMs);
    const numbers = joined(before, await ask('room:numbers', { roomId, afterMs }), afterMs);
    known.current = { roomId, numbers };
    return numbers;
  };
  const { loaded, again } = useLoaded(read, [roomId], [isOn]);
  const look = useOneAtATime(again);
  useEvery(readEveryMs, look, isOn);
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const readSoon = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        look();
      }, readSoonMs);
    };
    const stop = onNotice('order:changed', readSoon);
    return () => {
      clearTimeout(waiting);
      stop();
    };
  }, []);
  return { numbers: loaded, again: () => void again() };
}

/** An answer that is slower than the looks is waited for: each new question would throw it away. */
function useOneAtATime(read: () => Promise<void>): () => void {
  const isUnderWay = useRef(false);
  return () => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    void read().finally(() => (isUnderWay.current = false));
  };
}

function joined(known: ShowNumbers | null, fresh: ShowNumbers, afterMs: number): ShowNumbers {
  const before = <T extends { atMs: number }>(all: readonly T[] = []) => all.filter(({ atMs }) => atMs <= afterMs);
  return {
    ...fresh,
    points: [...before(known?.points), ...fresh.points],
    sales: [...before(known?.sales), ...fresh.sales],
  };
}
