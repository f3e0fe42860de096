import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DrawAnswer, DrawQuestion } from './draw-worker.ts';

type Thread = { worker: Worker; busy: boolean };
type Waiting = { question: DrawQuestion; resolve(answer: DrawAnswer): void; reject(error: Error): void };

/** More threads than this gain nothing: entries come from Postgres more slowly than four threads hash them. */
const threadsMax = 4;

export type DrawThreads = ReturnType<typeof createDrawThreads>;

/**
 * Threads that hash and rank, so that a draw of a million entries does not delay a single chat message.
 *
 * They start with the first question and are idle afterwards; idle threads don't keep the process alive. A thread that dies
 * rejects the question it had and is replaced. Questions wait in a list; the caller bounds it (see draw.ts).
 */
export function createDrawThreads(threadCount = Math.min(threadsMax, availableParallelism())) {
  const threads = new Set<Thread>();
  const waiting: Waiting[] = [];

  function start(): Thread {
    const thread = { worker: new Worker(new URL('./draw-worker.ts', import.meta.url)), busy: false };
    thread.worker.unref();
    threads.add(thread);
    return thread;
  }

  function next(): void {
    const idle = [...threads].find(({ busy }) => !busy) ?? (threads.size < threadCount ? start() : null);
    const task = idle && waiting.shift();
    if (idle && task) run(idle, task);
  }

  function run(thread: Thread, { question, resolve, reject }: Waiting): void {
    const { worker } = thread;
    const settle = () => {
      worker.removeAllListeners();
      worker.unref();
      thread.busy = false;
    };
    const die = (error: Error) => {
      settle();
      worker.on('error', () => undefined); // The first error has been told; a dying thread may repeat it.
      threads.delete(thread);
      reject(error);
      next();
    };
    thread.busy = true;
    worker.ref(); // A draw under way keeps the process alive.
    worker.once('error', die);
    worker.once('exit', () => die(new Error('The draw thread ended before it answered')));
    worker.once('message', (answer: DrawAnswer) => {
      settle();
      resolve(answer);
      next();
    });
    worker.postMessage(question, [question.page.buffer]);
  }

  return {
    /** Asks the next idle thread. Takes over the buffer of the page, which is empty afterwards. */
    ask(question: DrawQuestion): Promise<DrawAnswer> {
      return new Promise((resolve, reject) => {
        waiting.push({ question, resolve, reject });
        next();
      });
    },
    /** Ends all threads; questions under way are rejected. */
    async close(): Promise<void> {
      for (const { reject } of waiting.splice(0)) reject(new Error('The draw threads were closed'));
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}
