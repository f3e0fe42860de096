import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DrawAnswer, DrawQuestion } from './draw-worker.ts';

type Task = { question: DrawQuestion; resolve: (answer: DrawAnswer) => void; reject: (error: Error) => void };
type Thread = { worker: Worker; task: Task | null };

/** More threads than this gain nothing: entries come from Postgres more slowly than four threads hash them. */
const threadsMax = 4;

export type DrawThreads = ReturnType<typeof createDrawThreads>;

/**
 * Threads that hash and rank, so that a draw of a million entries does not delay a single chat message.
 *
 * They start with the first question, or when one is expected, and are idle afterwards; idle threads don't keep the process alive. A thread that dies
 * rejects the question it had and is replaced by the next one. Questions wait in a list; the caller bounds it (see draw.ts).
 */
export function createDrawThreads(threadCount = Math.min(threadsMax, availableParallelism())) {
  const threads = new Set<Thread>();
  const waiting: Task[] = [];
  let closed = false;

  function start(): Thread {
    const thread: Thread = { worker: new Worker(new URL('./draw-worker.ts', import.meta.url)), task: null };
    const die = (error: Error) => {
      threads.delete(thread);
      release(thread)?.reject(error);
    };
    thread.worker.on('message', (answer: DrawAnswer) => release(thread)?.resolve(answer));
    thread.worker.on('error', (error: Error) => die(error));
    thread.worker.on('exit', () => die(new Error('The draw thread ended before it answered')));
    threads.add(thread);
    return thread;
  }

  /** Takes the task from a thread and gives the next one to whoever is idle. */
  function release(thread: Thread): Task | null {
    const { task } = thread;
    thread.task = null;
    thread.worker.unref();
    assign();
    return task;
  }

  function assign(): void {
    if (waiting.length === 0) return;
    const idle = [...threads].find(({ task }) => task === null) ?? (threads.size < threadCount ? start() : null);
    if (!idle) return;
    const task = waiting.shift()!;
    idle.task = task;
    idle.worker.ref(); // A draw under way keeps the process alive.
    idle.worker.postMessage(task.question, takenFrom(task.question));
  }

  return {
    threadCount,
    /** Starts those that don't run yet: somebody will ask in a moment, and must not wait for it. */
    start(): void {
      while (!closed && threads.size < threadCount) start().worker.unref();
    },
    /** Asks the next idle thread. Takes over the buffer of the page or of the ids, which is empty afterwards. */
    ask(question: DrawQuestion): Promise<DrawAnswer> {
      if (closed) return Promise.reject(new Error('The draw threads were closed'));
      return new Promise((resolve, reject) => {
        waiting.push({ question, resolve, reject });
        assign();
      });
    },
    /** Ends all threads; questions under way and later ones are rejected. */
    async close(): Promise<void> {
      closed = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('The draw threads were closed'));
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function takenFrom(question: DrawQuestion): ArrayBuffer[] {
  if (question.ask === 'hash') return [question.page.buffer];
  return question.ask === 'rank' ? [question.ids.buffer] : [];
}
