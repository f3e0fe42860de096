import type { Load, Sample, Side } from '../../harness/scenario.ts';
import { joinAll } from './full-room.ts';
import type { ChatServerKind } from './servers.ts';

type Memory = { residentBytes: number; heapBytes: number; externalBytes: number };

const answersMemory = [
  '--expose-gc',
  '--import',
  new URL('../../harness/answer-memory.ts', import.meta.url).href,
] as const;

/** `first` sockets are open before anything is counted, and stay: the room a heap takes once is not the cost of a connection. */
export type IdleSockets = { first: number; more: number };

/** What one more open socket in a quiet room costs in memory. Each measurement is a new process: memory once used is seldom given back. */
export function idleMemorySide(load: Load, kind: ChatServerKind, sockets: IdleSockets): Side {
  return {
    name: kind.name,
    setUp: kind.setUp,
    async open() {
      return { measure: () => measureFresh(load, kind, sockets), close: async () => undefined };
    },
  };
}

async function measureFresh(load: Load, kind: ChatServerKind, { first, more }: IdleSockets): Promise<Sample> {
  const server = await kind.start({ nodeFlags: answersMemory });
  try {
    const known = await joinAll(load, kind.name, server, first);
    const before = await server.ask<Memory>('memory');
    const fleet = await joinAll(load, kind.name, server, more);
    const after = await server.ask<Memory>('memory');
    await Promise.all([known.close(), fleet.close()]);
    const kilobytesOf = (part: keyof Memory): number => (after[part] - before[part]) / more / 1_024;
    return {
      value: kilobytesOf('residentBytes'),
      figures: {
        residentKilobytes: kilobytesOf('residentBytes'),
        heapKilobytes: kilobytesOf('heapBytes'),
        externalKilobytes: kilobytesOf('externalBytes'),
      },
    };
  } finally {
    await server.stop();
  }
}
