import type { Request } from '../../shared/client/requests.ts';
import { createReading, type ReadingState } from '../room/reading.ts';
import { createStore, type Store } from '../state/store.ts';

export type CartLine = { offerId: string; units: number };
export type CartLines = readonly CartLine[];

/** What one person wants to order together in one room. The server keeps it, and reserves nothing for it. */
export type Cart = {
  lines: Store<CartLines>;
  /** Whether `lines` is known yet: an empty cart and one not known are two things. */
  state: Store<ReadingState>;
  read(): void;
  /** The lines that came in by being read anew: more than were known. 0 when none were known yet. */
  newLines(): Promise<number>;
  /** Shown at once, then sent; 0 units take the line out. @throws AppError as the server said it, when the lines are read anew. */
  put(line: CartLine): Promise<void>;
  stop(): void;
};

export function createCart(roomId: string, ask: Request): Cart {
  const lines = createStore<CartLines>([]);
  const reading = createReading({
    read: async (): Promise<CartLines> => (await ask('cart:get', { roomId })).lines,
    after: withLine,
    show: (read) => lines.set([...wishes].map(lineOf).reduce(withLine, read)),
  });
  /** Units by offer that the server has not confirmed: the newest wish of a line alone, so there are never more than lines. */
  const wishes = new Map<string, number>();
  let sending: Promise<void> | null = null;

  return {
    lines,
    state: reading.state,
    read: reading.again,
    async newLines() {
      const before = reading.state.get().state === 'ready' ? lines.get() : null;
      await reading.read();
      return before ? lines.get().filter(({ offerId }) => unitsIn(before, offerId) === 0).length : 0;
    },
    put(line) {
      lines.update((known) => withLine(known, line));
      wishes.set(line.offerId, line.units);
      sending ??= send().finally(() => (sending = null));
      return sending;
    },
    stop: reading.stop,
  };

  /** One after the other: of two that travel together the older might arrive last. */
  async function send(): Promise<void> {
    try {
      for (let [wish] = wishes; wish; [wish] = wishes) {
        const line = lineOf(wish);
        await ask('cart:put', { roomId, ...line });
        reading.heard(line); // What is being read may be of the moment before.
        if (wishes.get(line.offerId) === line.units) wishes.delete(line.offerId);
      }
    } catch (error) {
      wishes.clear();
      reading.again();
      throw error;
    }
  }
}

const lineOf = ([offerId, units]: [string, number]): CartLine => ({ offerId, units });

function withLine(lines: CartLines, line: CartLine): CartLines {
  if (line.units === 0) return lines.filter(({ offerId }) => offerId !== line.offerId);
  const isThere = lines.some(({ offerId }) => offerId === line.offerId);
  return isThere ? lines.map((old) => (old.offerId === line.offerId ? line : old)) : [...lines, line];
}

export const unitsIn = (lines: CartLines, offerId: string): number =>
  lines.find((line) => line.offerId === offerId)?.units ?? 0;
