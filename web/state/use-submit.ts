import { useState } from 'preact/hooks';
import { sayError } from '../session/say-error.ts';

/**
 * What a form or a button wishes: busy while it is under way, for a button that takes no second press then; what went wrong is said in words.
 *
 * @param work answers with a sentence when the server said no; what it throws is said by `sayError`
 */
export function useSubmit(work: () => Promise<string | undefined>) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      setProblem(await work());
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    void submit();
  };
  return { problem, busy, submit, onSubmit };
}
