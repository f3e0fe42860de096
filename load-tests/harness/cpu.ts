import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts the CPU time of ended children in ticks of 10 ms, whatever the kernel's own tick is. */
const msPerTick = 10;

/**
 * CPU time that a process and all its descendants have used, threads included. The difference of two calls is what a
 * measurement cost. Nanosecond counters where the kernel has them (schedstat), else ticks.
 */
export function cpuMsOf(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((sum, each) => sum + ownCpuMs(each), 0);
}

/**
 * Share of this machine's CPU time, idle included, that its host gave to other machines since the call. A core that is stolen stands still in
 * the middle of a request: no latency of such a run says anything about us.
 */
export function watchStolen(): () => number {
  const before = machineTicks();
  return () => {
    const now = machineTicks();
    return (now.stolen - before.stolen) / Math.max(now.all - before.all, 1);
  };
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already. */
function machineTicks(): { all: number; stolen: number } {
  const ticks = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  return { all: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 };
}

/** Resident memory of a process and its descendants. */
export function residentBytesOf(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((sum, each) => sum + residentBytes(each), 0);
}

function ownCpuMs(pid: number): number {
  const { ownTicks, endedChildrenTicks } = statOf(pid);
  const nanoseconds = threadNanoseconds(pid);
  return (nanoseconds === undefined ? ownTicks * msPerTick : nanoseconds / 1e6) + endedChildrenTicks * msPerTick;
}

function threadNanoseconds(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
      0,
    );
  } catch {
    return undefined;
  }
}

function statOf(pid: number): { parentPid: number; ownTicks: number; endedChildrenTicks: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name may hold spaces and parentheses: count fields after the last one. Field 4 is the parent.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (field: number): number => Number(fields[field - 3]);
    return { parentPid: ticks(4), ownTicks: ticks(14) + ticks(15), endedChildrenTicks: ticks(16) + ticks(17) };
  } catch {
    return { parentPid: 0, ownTicks: 0, endedChildrenTicks: 0 }; // It ended a moment ago.
  }
}

export function descendantsOf(ancestor: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const { parentPid } = statOf(Number(name));
    childrenOf.set(parentPid, [...(childrenOf.get(parentPid) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (const queue = [ancestor]; queue.length > 0;) {
    const children = childrenOf.get(queue.pop()!) ?? [];
    found.push(...children);
    queue.push(...children);
  }
  return found;
}

function residentBytes(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
