import { useRef, useState } from 'preact/hooks';
import { AppError } from '../../shared/errors.ts';
import { sayError } from '../session/say-error.ts';
import { sayFields } from '../session/say-fields.ts';

/**
 * What a form or a button wishes: busy while it is under way, when a second wish is no wish; what went wrong is said in words.
 *
 * @param work answers with a sentence when the server said no; what it throws is said by `sayError`
 */
export function useSubmit(work: () => Promise<string | undefined>) {
  const [problem, setProblem] = useState<string>();
  const [wrong, setWrong] = useState(noneWrong);
  const [busy, setBusy] = useState(false);
  const isUnderWay = useRef(false); // Known at once; `busy` only with the next picture of the page.

  const submit = async (): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setProblem(undefined);
    setWrong(noneWrong);
    try {
      setProblem(await work());
    } catch (error) {
      setProblem(sayError(error));
      setWrong(wrongIn(error));
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    void submit();
  };
  /** What was changed is not wrong any more, as far as is known. */
  const mend = (names: readonly string[]): void =>
    setWrong((known) => new Map([...known].filter(([name]) => !names.includes(name))));
  return { problem, /** What is wrong with single fields, by their names. */ wrong, mend, busy, submit, onSubmit };
}

const noneWrong: ReadonlyMap<string, string> = new Map();

function wrongIn(error: unknown): ReadonlyMap<string, string> {
  const fields = (error instanceof AppError && error.code === 'BAD_INPUT' && error.extras.fields) || [];
  return new Map(fields.map((field) => [field.path, sayFields([field])]));
}
