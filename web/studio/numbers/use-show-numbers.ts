import { useEffect, useState } from 'preact/hooks';
import { ask, onNotice } from '../../session/connection.ts';
import { useOldNews } from '../../state/old-news.ts';
import type { Loaded } from '../../state/use-loaded.ts';
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
export function useShowNumbers(roomId: string, isOn: boolean): { numbers: Loaded<ShowNumbers>; again: () => void } {
  const [numbers, setNumbers] = useState<Loaded<ShowNumbers>>({ state: 'loading' });
  const [isOld, setOld] = useState(false);
  const [round, setRound] = useState(0);
  const again = () => setRound((before) => before + 1);
  useOldNews(isOld, again);
  useEffect(() => {
    let known: ShowNumbers | null = null;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      waiting = undefined;
      const afterMs = Math.max(0, (known?.points.at(-1)?.atMs ?? 0) - overlapMs);
      try {
        const fresh = await ask('room:numbers', { roomId, afterMs });
        setNumbers({ state: 'ready', value: (known = joined(known, fresh, afterMs)) });
        setOld(false);
      } catch (error) {
        if (known) setOld(true);
        else setNumbers((shown) => (shown.state === 'ready' ? shown : { state: 'failed', error }));
      }
    };
    const readSoon = () => void (waiting ??= setTimeout(() => void read(), readSoonMs));
    void read();
    const timer = isOn ? setInterval(() => void read(), readEveryMs) : undefined;
    const stop = onNotice('order:changed', readSoon);
    return () => {
      clearTimeout(waiting);
      clearInterval(timer);
      stop();
    };
  }, [roomId, isOn, round]);
  return { numbers, again };
}

function joined(known: ShowNumbers | null, fresh: ShowNumbers, afterMs: number): ShowNumbers {
  const before = <T extends { atMs: number }>(all: readonly T[] = []) => all.filter(({ atMs }) => atMs <= afterMs);
  return {
    ...fresh,
    points: [...before(known?.points), ...fresh.points],
    sales: [...before(known?.sales), ...fresh.sales],
  };
}
