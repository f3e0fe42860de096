/**
 * Commands of one connection that are taken in one turn of the event loop: more than a page has to ask when it comes in. ws hands over all
 * that it has read, hundreds of a flood, and whoever was read next would wait behind the last of them.
 */
const shareMax = 20;

/** Commands of one connection that may wait: as many as may come in one go (slow-down.ts), for the rate after that is below what turns take. */
const waitingMax = 3_000;

type Needs<Caller extends { connected: boolean }, Command> = {
  run: (caller: Caller, command: Command) => void;
  /** More waits than may. The command is dropped. */
  onFull: (caller: Caller) => void;
  /** Runs something in the next turn of the event loop. */
  soon?: (run: () => void) => unknown;
};

/** `taken`: in this turn of the event loop. */
type Line<Command> = { taken: number; waiting: Command[] };

/**
 * Lets callers go in turn with each other: what one asks for beyond its share of a turn waits, in order, for the next ones. Of who is gone
 * by then it is dropped. Whoever stays within their share is taken at once.
 */
export function createFairTurns<Caller extends { connected: boolean }, Command>({
  run,
  onFull,
  soon = setImmediate,
}: Needs<Caller, Command>) {
  /** Those who asked for something in this turn, or have something waiting. */
  const lines = new Map<Caller, Line<Command>>();

  return function take(caller: Caller, command: Command): void {
    const line = lines.get(caller) ?? begin(caller);
    if (line.taken < shareMax) {
      line.taken += 1;
      run(caller, command);
    } else if (line.waiting.length < waitingMax) line.waiting.push(command);
    else onFull(caller);
  };

  function begin(caller: Caller): Line<Command> {
    const line: Line<Command> = { taken: 0, waiting: [] };
    if (lines.size === 0) soon(nextTurn);
    lines.set(caller, line);
    return line;
  }

  function nextTurn(): void {
    for (const [caller, line] of lines) {
      const next = line.waiting.splice(0, shareMax);
      if (next.length === 0 || !caller.connected) lines.delete(caller);
      line.taken = next.length;
      for (const command of next) if (caller.connected) run(caller, command);
    }
    if (lines.size > 0) soon(nextTurn);
  }
}
