/** What happened to one client in one room, in the order in which its application was told. */
export type ClientEvent =
  | { what: 'snapshot'; epoch: string; offset: number }
  | { what: 'omitted'; count: number }
  | { what: 'entry'; offset: number; text: string };

export type ClientHistory = { name: string; events: readonly ClientEvent[]; end: number };

/** One message somebody meant to send once: `offset` is where its sender was told it stands, null without an answer. */
export type SendHistory = { text: string; offset: number | null };

/** One entry as it was kept. `mayBeOmitted`: nobody need be shown it, because it was thinned, or taken back later on. */
export type KeptEntry = { text: string; mayBeOmitted: boolean };

/** The log as it was kept, by offset. */
export type KeptLog = ReadonlyMap<number, KeptEntry>;

/**
 * Judges a run by what clients were told and what the log kept: order, no duplicate, no silent gap, nothing made up, nothing left out
 * that had to be shown, and every acknowledged message exactly once. Returns every violation found; none is the proof.
 */
export function checkHistory(log: KeptLog, clients: readonly ClientHistory[], sends: readonly SendHistory[]): string[] {
  return [...clients.flatMap((client) => checkClient(log, client)), ...checkSends(log, sends)];
}

function checkClient(log: KeptLog, { name, events, end }: ClientHistory): string[] {
  const violations: string[] = [];
  let at = -1;
  let missing = 0;
  let told = 0;
  for (const event of events) {
    if (event.what === 'snapshot') [at, missing, told] = [event.offset, 0, 0];
    else if (event.what === 'omitted') told += event.count;
    else takeEntry(event);
  }
  miss(end);
  if (at < 0) violations.push(`${name}: never had a snapshot`);
  if (missing !== told) violations.push(`${name}: ${missing} entries did not come, ${told} were told as omitted`);
  return violations;

  function takeEntry({ offset, text }: { offset: number; text: string }): void {
    if (offset <= at) violations.push(`${name}: offset ${offset} after ${at}`);
    miss(offset - 1);
    if (missing > told) violations.push(`${name}: gap before ${offset} that nobody told`);
    if (log.get(offset)?.text !== text)
      violations.push(`${name}: "${text}" at ${offset}, where the log has something else`);
    at = Math.max(at, offset);
  }

  /** What did not come up to an offset was left out, rightly or not. */
  function miss(upTo: number): void {
    for (let offset = at + 1; at >= 0 && offset <= upTo; offset += 1) {
      missing += 1;
      if (!log.get(offset)?.mayBeOmitted) violations.push(`${name}: offset ${offset} was left out without a reason`);
    }
  }
}

function checkSends(log: KeptLog, sends: readonly SendHistory[]): string[] {
  const places = new Map<string, number[]>();
  for (const [offset, { text }] of log) places.set(text, [...(places.get(text) ?? []), offset]);
  return sends.flatMap(({ text, offset }) => {
    const kept = places.get(text) ?? [];
    if (kept.length > 1) return [`"${text}" is in the log ${kept.length} times`];
    if (offset !== null && kept[0] !== offset) return [`"${text}" was acknowledged at ${offset}, and is not there`];
    return [];
  });
}
