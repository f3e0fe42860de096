import { useRef, useState } from 'preact/hooks';
import { sayError } from '../session/say-error.ts';

/**
 * What a form or a button wishes: busy while it is under way, when a second wish is no wish; what went wrong is said in words.
 *
 * @param work answers with a sentence when the server said no; what it throws is said by `sayError`
 */
export function useSubmit(work: () => Promise<string | undefined>) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const isUnderWay = useRef(false); // Known at once; `busy` only with the next picture of the page.

  const submit = async (): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      setProblem(await work());
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    void submit();
  };
  return { problem, busy, submit, onSubmit };
}
