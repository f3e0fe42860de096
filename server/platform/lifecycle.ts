import type { Log } from './log.ts';

type Closer = { name: string; close: () => Promise<unknown> | undefined; besideNext: boolean };

export type Lifecycle = ReturnType<typeof createLifecycle>;

/**
 * Who closes what, in which order. Whoever opens something registers how it is closed right there;
 * closing runs in reverse order of opening, within one deadline for everything. No part may take more than half of what is
 * left of it: one that hangs leaves time to those behind it.
 */
export function createLifecycle({ log, deadlineMs }: { log: Log; deadlineMs: number }) {
  const closers: Closer[] = [];
  let closing: Promise<void> | undefined;

  return {
    /** `besideNext`: the part opened before is closed at the same time, so that waiting for this one takes nothing from it. */
    onClose(name: string, close: () => unknown, { besideNext = false } = {}): void {
      closers.push({ name, close: async () => close(), besideNext });
    },
    get closing(): boolean {
      return closing !== undefined;
    },
    /** Safe to call twice; the second call waits for the first. Rejects never. */
    close(): Promise<void> {
      closing ??= closeAll();
      return closing;
    },
  };

  async function closeAll(): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    let beside: Promise<void>[] = [];
    for (const closer of closers.reverse()) {
      const closed = closeOne(closer, (deadline - Date.now()) / 2);
      beside.push(closed);
      if (closer.besideNext) continue;
      await Promise.all(beside);
      beside = [];
    }
    await Promise.all(beside);
  }

  async function closeOne({ name, close }: Closer, ms: number): Promise<void> {
    const outcome = await withDeadline(close, ms);
    if (outcome instanceof Error) log.error({ part: name, err: outcome }, 'part did not close');
    else if (outcome !== 'closed') log.error({ part: name, outcome }, 'part did not close');
  }
}

async function withDeadline(close: () => Promise<unknown> | undefined, ms: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.max(ms, 50), 'deadline passed');
  });
  try {
    return await Promise.race([Promise.resolve(close()).then(() => 'closed'), late]);
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}
