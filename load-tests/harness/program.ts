import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cores, onCore } from './cores.ts';

export type ProgramOptions = {
  /** The TypeScript or JavaScript file to run. It must call `process.send({ ready: url })` when it listens. */
  file: URL;
  env?: Record<string, string>;
  nodeFlags?: readonly string[];
};

/** A Node program on the server's core. It dies with this process. */
export type Program = {
  pid: number;
  /** What the program said it is reachable under. */
  url: string;
  /** Asks it something over the process channel. @throws Error when there is no answer within 10 s. */
  ask<T>(question: string): Promise<T>;
  stop(): Promise<void>;
};

const readyDeadlineMs = 60_000;
const answerDeadlineMs = 10_000;
const stopDeadlineMs = 15_000;
/** Output kept to explain a program that did not start. */
const outputKeptBytes = 8_192;

/** @throws Error with the program's last output when it ends, or is not ready after 60 s. */
export async function startProgram({ file, env = {}, nodeFlags = [] }: ProgramOptions): Promise<Program> {
  const [command, ...args] = onCore(cores?.server, [process.execPath, ...nodeFlags, fileURLToPath(file)]);
  const child = spawn(command!, args, {
    env: { ...environmentWithoutSettings(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lastOutput = keepOutput(child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `code ${code ?? '?'}`}`));
  });
  const url = await messageOf<{ ready: string }>(child, 'ready', ended, readyDeadlineMs).catch(
    async (error: unknown) => {
      child.kill('SIGKILL');
      await ended;
      throw new Error(`${file.pathname}: ${String(error)}\n${lastOutput()}`);
    },
  );

  return {
    pid: child.pid!,
    url: url.ready,
    async ask<T>(question: string): Promise<T> {
      const answer = messageOf<Record<string, T>>(child, question, ended, answerDeadlineMs);
      child.send({ question });
      return (await answer)[question]!;
    },
    async stop(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const killer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(killer);
    },
  };
}

/** The next message of the child that has the field `field`. */
function messageOf<T extends object>(child: ChildProcess, field: string, ended: Promise<string>, deadlineMs: number) {
  return new Promise<T>((resolve, reject) => {
    const hear = (message: unknown): void => {
      if (typeof message !== 'object' || message === null || !(field in message)) return;
      finish();
      resolve(message as T);
    };
    const fail = (why: string): void => {
      finish();
      reject(new Error(why));
    };
    const timer = setTimeout(fail, deadlineMs, `no ${field} after ${deadlineMs} ms`);
    const finish = (): void => {
      clearTimeout(timer);
      child.off('message', hear);
    };
    child.on('message', hear);
    void ended.then(fail);
  });
}

function keepOutput(child: ChildProcess): () => string {
  let kept = '';
  const hear = (chunk: Buffer): void => {
    kept = (kept + chunk.toString()).slice(-outputKeptBytes);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return () => kept;
}

/** Settings of the shell that started the run must not reach what is measured. */
const environmentWithoutSettings = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NIGHTMARKET_|DATABASE_URL|REDIS_URL)/.test(name)),
  );
