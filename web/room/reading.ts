import { AppError, errorCodes } from '../../shared/errors.ts';
import { systemTime, type Time } from '../../shared/client/time.ts';
import { createStore } from '../state/store.ts';

/** Whether a value is known yet. Once it is, a later reading that fails takes nothing away: what is known is old then. */
export type ReadingState =
  { state: 'loading' } | { state: 'ready'; isOld: boolean } | { state: 'failed'; error: unknown };

type Options<Value, News> = {
  read: () => Promise<Value>;
  after: (value: Value, news: News) => Value;
  show: (value: Value) => void;
  time?: Time;
};

/** News kept while one answer is on its way; with more than that it is asked for anew. */
const newsMax = 1_000;
/** A reading that failed is tried again by itself, somewhere between these, ms: many pages failed in the same moment. */
const againMs = { min: 4_000, max: 8_000 };

/**
 * Reads a value as a whole that is then followed by news. What happens while the answer is on its way is laid over it, because
 * the answer may be of the moment before; of several readings the latest counts.
 */
export function createReading<Value, News>({ read, after, show, time = systemTime }: Options<Value, News>) {
  const state = createStore<ReadingState>({ state: 'loading' });
  let meanwhile: News[] | null = null;
  let question = 0;
  let cancelRetry = (): void => undefined;

  return {
    state,
    again: (): void => void ask(),
    /** As `again`; resolves when that is over, whatever came of it. */
    read: ask,
    /** Something happened to the value. */
    heard(news: News): void {
      if (!meanwhile) return;
      meanwhile.push(news);
      if (meanwhile.length > newsMax) void ask();
    },
    stop(): void {
      question += 1;
      cancelRetry();
    },
  };

  async function ask(): Promise<void> {
    const mine = ++question;
    const news: News[] = [];
    meanwhile = news;
    cancelRetry();
    try {
      const value = await read();
      if (mine !== question) return;
      show(news.reduce(after, value));
      state.set({ state: 'ready', isOld: false });
    } catch (error) {
      if (mine !== question) return;
      state.set(state.get().state === 'ready' ? { state: 'ready', isOld: true } : { state: 'failed', error });
      if (mayPass(error))
        cancelRetry = time.after(againMs.min + time.random() * (againMs.max - againMs.min), () => void ask());
    }
    meanwhile = null;
  }
}

const mayPass = (error: unknown): boolean => error instanceof AppError && errorCodes[error.code].retryable;
