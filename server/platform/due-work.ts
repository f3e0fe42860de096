import { createHash } from 'node:crypto';
import { createBatches } from './batches.ts';
import type { Log } from './log.ts';
import type { Queryable } from './postgres.ts';

/** Far more than there is work. */
const waitingMax = 10_000;

/** True when the first row of a query is there. With an ORDER BY that has an index: PostgreSQL must not take a whole table for the shorter way. */
export const isThere = (query: string): string => `(${query} LIMIT 1) IS NOT NULL`;

/**
 * One question to PostgreSQL for all work of a moment: whether there is anything to do. A process in which nothing happens would else
 * send a statement for each, and find its code out of the cache every time.
 */
export function createDueWork(db: Queryable, log: Log) {
  const conditions: string[] = [];
  /** Answers nothing about conditions that nobody asks for: they are not looked at. */
  let question = { name: '', text: '' };
  const questions = createBatches<number, boolean>({
    itemsMax: waitingMax,
    waitingMax,
    run: (_line, asked) => ask(asked),
  });

  /** @returns whether the condition holds now, or might: nobody could be asked. */
  return function add(condition: string): () => Promise<boolean> {
    const index = conditions.push(condition) - 1;
    const answers = conditions.map((each, i) => `CASE WHEN ($1::boolean[])[${i + 1}] THEN ${each} END`);
    const text = `SELECT ARRAY[${answers.join(', ')}] AS due`;
    // Planned once on each connection, by a name that no other text has.
    question = { name: `due work ${createHash('sha256').update(text).digest('hex').slice(0, 32)}`, text };
    return () => questions.add('', index).catch(() => true);
  };

  async function ask(asked: readonly number[]): Promise<boolean[]> {
    try {
      const values = [conditions.map((_, i) => asked.includes(i))];
      const { rows } = await db.query<{ due: (boolean | null)[] }>({ ...question, values });
      return asked.map((index) => rows[0]!.due[index] === true);
    } catch (error) {
      log.warn({ err: error }, 'not known what work is due; all of it is looked at');
      throw error;
    }
  }
}
