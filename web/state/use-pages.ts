import { useEffect, useRef, useState } from 'preact/hooks';
import { joined, refreshed, type Pages } from './pages.ts';
import { useLoaded } from './use-loaded.ts';

/** News come in showers: what they are about is read again this long after the first of them. */
const readSoonMs = 800;

type Options<Row> = { read: (after: string | null) => Promise<Pages<Row>>; idOf: (row: Row) => string };

/** A listing read page by page. `soon` reads its beginning again and keeps what was read behind it. */
export function usePages<Row>({ read, idOf }: Options<Row>, keys: readonly unknown[]) {
  const question = JSON.stringify(keys);
  const latest = useRef(question);
  latest.current = question;
  const { loaded, again, update } = useLoaded(
    () => read(null),
    keys,
    [],
    (shown, first) => refreshed(shown, first, idOf),
  );

  // Of this list alone: another one is shown soon after, and may be read on meanwhile.
  const [busyWith, setBusyWith] = useState<string | null>(null);
  const [failed, setFailed] = useState<{ question: string; error: unknown } | null>(null);
  const isBusy = busyWith === question;
  const more = async () => {
    const after = loaded.state === 'ready' ? loaded.value.next : null;
    if (isBusy || !after) return;
    setBusyWith(question);
    setFailed(null);
    try {
      const page = await read(after);
      if (latest.current === question) update((shown) => joined(shown, after, page, idOf));
    } catch (error) {
      setFailed({ question, error });
    } finally {
      setBusyWith((now) => (now === question ? null : now));
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
  return {
    loaded,
    again: () => void again(),
    soon,
    more: () => void more(),
    isBusy,
    problem: failed?.question === question ? failed.error : null,
  };
}
