import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

export type OwnedProcessOptions = {
  command: string;
  args: string[];
  /** Sent to the child when it must stop; also what it gets from the kernel when this program dies. */
  stopSignal: 'SIGINT' | 'SIGTERM';
  /** Goes before the command and its `setpriv`: how the child is started as somebody else (without-root.ts). Linux only. */
  prefix?: readonly string[];
  /** Every line the child prints, on either stream. */
  onLine: (line: string) => void;
  /** Hears the number of the process as soon as there is one. */
  onPid?: (pid: number) => void;
};

/** A child that cannot outlive this program, not even when this program is killed by SIGKILL. */
export type OwnedProcess = {
  pid: number;
  /** Resolves with the reason when the child has ended, for whatever reason. */
  exited: Promise<string>;
  /** The last lines the child printed, which may say why it ended. */
  lastLines(): readonly string[];
  /** Resolves when a line matches; rejects with what the child said when it ends first or the deadline passes. */
  line(pattern: RegExp, deadlineMs: number): Promise<void>;
  /** Asks the child to stop and kills it when it has not after `deadlineMs`. Resolves when it is gone. */
  stop(deadlineMs: number): Promise<void>;
};

/** Lines kept to explain a child that did not start. */
const linesKeptMax = 20;

export function startOwnedProcess(options: OwnedProcessOptions): OwnedProcess {
  const { command, args } = bindLife(options);
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    // A process group of its own: Ctrl-C in a terminal reaches us alone, and we still need the child for what is running.
    detached: true,
  });
  if (child.pid) options.onPid?.(child.pid);
  const lastLines: string[] = [];
  const watchers = new Set<(line: string) => void>();

  const hear = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > linesKeptMax) lastLines.shift();
    options.onLine(line);
    for (const watch of watchers) watch(line);
  };
  createInterface({ input: child.stdout }).on('line', hear);
  createInterface({ input: child.stderr }).on('line', hear);
  // Writing to a child that is already gone is not news: `exited` tells it.
  child.stdin.on('error', () => undefined);

  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${options.command} could not be started: ${error.message}`));
    child.once('close', (code, signal) =>
      resolve(`${options.command} ended (${signal ?? `exit code ${code ?? '?'}`})`),
    );
  });

  return {
    pid: child.pid ?? 0,
    exited,
    lastLines: () => lastLines,
    line(pattern, deadlineMs) {
      return new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          finish();
          reject(new Error([why, ...lastLines].join('\n')));
        };
        const timer = setTimeout(fail, deadlineMs, `${options.command} was not ready after ${deadlineMs} ms`);
        const watch = (line: string): void => {
          if (!pattern.test(line)) return;
          finish();
          resolve();
        };
        const finish = (): void => {
          clearTimeout(timer);
          watchers.delete(watch);
        };
        watchers.add(watch);
        void exited.then(fail);
      });
    },
    async stop(deadlineMs) {
      if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
      const killer = setTimeout(() => {
        child.stdin.destroy();
        child.kill('SIGKILL');
      }, deadlineMs);
      child.kill(options.stopSignal);
      await exited;
      clearTimeout(killer);
    },
  };
}

/** Starts a child and waits until it prints that it serves; one that does not is stopped. */
export async function startOwnedServer(
  options: OwnedProcessOptions,
  ready: { line: RegExp; deadlineMs: number; stopDeadlineMs: number },
): Promise<OwnedProcess> {
  const server = startOwnedProcess(options);
  try {
    await server.line(ready.line, ready.deadlineMs);
    return server;
  } catch (error) {
    await server.stop(ready.stopDeadlineMs);
    throw error;
  }
}

/**
 * Wraps a command so that the child dies with this program.
 *
 * On Linux the kernel does it (`setpriv --pdeathsig`, the same process id). Elsewhere a small shell waits for the end of
 * its standard input, which only this program holds open.
 */
function bindLife({ command, args, stopSignal, prefix = [] }: OwnedProcessOptions): {
  command: string;
  args: string[];
} {
  const signal = stopSignal.slice('SIG'.length);
  if (!kernelBindsLife()) return { command: 'sh', args: ['-c', dieWithStdin, signal, ...prefix, command, ...args] };
  // Innermost, because the kernel forgets the signal of a process that becomes somebody else.
  const [outermost = 'setpriv', ...rest] = [...prefix, 'setpriv', '--pdeathsig', signal, command, ...args];
  return { command: outermost, args: rest };
}

/** `$0` is the signal, `$@` the command. `wait` returns early when a trap runs, hence the loop. */
const dieWithStdin = `
exec 3<&0
"$@" 3<&- & child=$!
{ cat <&3; kill -s "$0" $child; } >/dev/null 2>&1 & watcher=$!
trap 'kill -s "$0" $child' INT TERM
wait $child; code=$?
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
kill $watcher
exit $code`;

const kernelBindsLife = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;
