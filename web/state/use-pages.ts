import { useEffect, useRef, useState } from 'preact/hooks';
import { joined, refreshed, type Pages } from './pages.ts';
import { useLoaded } from './use-loaded.ts';

/** News come in showers: what they are about is read again this long after the first of them. */
const readSoonMs = 800;

type Options<Row> = { read: (after: string | null) => Promise<Pages<Row>>; idOf: (row: Row) => string };

/** A listing read page by page. `soon` reads its beginning again and keeps what was read behind it. */
export function usePages<Row>({ read, idOf }: Options<Row>, keys: readonly unknown[]) {
  const question = JSON.stringify(keys);
  const known = useRef<{ question: string; pages: Pages<Row> } | null>(null);
  const keep = (pages: Pages<Row>): Pages<Row> => {
    known.current = { question, pages };
    return pages;
  };
  const { loaded, again, set } = useLoaded(async () => {
    const first = await read(null);
    const before = known.current?.question === question ? known.current.pages : null;
    return keep(before ? refreshed(before, first, idOf) : first);
  }, keys);

  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const more = async () => {
    const after = known.current?.pages.next;
    if (isBusy || !after) return;
    setBusy(true);
    setProblem(null);
    try {
      const page = await read(after);
      if (known.current?.question === question) set(keep(joined(known.current.pages, after, page, idOf)));
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  const soon = () => {
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      void again();
    }, readSoonMs);
  };
  return { loaded, again: () => void again(), soon, more: () => void more(), isBusy, problem };
}
