import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type WrtcPeers = { run(verb: string, input: object): Promise<any>; close(): void };

/** Peers of @roamhq/wrtc: libwebrtc without a browser, VP8 and Opus, as a native client would use it. */
export function startWrtc(): WrtcPeers {
  const child = fork(fileURLToPath(new URL('./wrtc-child.mjs', import.meta.url)), { execArgv: [] });
  const waiting = new Map<number, { resolve(output: unknown): void; reject(error: Error): void }>();
  let calls = 0;
  child.on('message', ({ call, output, error }: { call: number; output?: unknown; error?: string }) => {
    const caller = waiting.get(call);
    waiting.delete(call);
    if (error === undefined) caller?.resolve(output);
    else caller?.reject(new Error(error));
  });
  return {
    run(verb, input) {
      calls += 1;
      const call = calls;
      return new Promise((resolve, reject) => {
        waiting.set(call, { resolve, reject });
        child.send({ call, verb, input });
      });
    },
    close: () => void child.kill('SIGKILL'),
  };
}
