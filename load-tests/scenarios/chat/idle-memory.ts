import type { Load, Sample, Side } from '../../harness/scenario.ts';
import { joinAll } from './full-room.ts';
import type { ChatServerKind } from './servers.ts';

type Memory = { residentBytes: number; heapBytes: number; externalBytes: number };

const answersMemory = [
  '--expose-gc',
  '--import',
  new URL('../../harness/answer-memory.ts', import.meta.url).href,
] as const;
/** Opened and closed first: what a server makes once is not the cost of a connection. */
const warmUpSockets = 200;

/** What an open socket in a quiet room costs in memory. Each measurement is a new process: memory once used is seldom given back. */
export function idleMemorySide(load: Load, kind: ChatServerKind, sockets: number): Side {
  return {
    name: kind.name,
    setUp: kind.setUp,
    async open() {
      return { measure: () => measureFresh(load, kind, sockets), close: async () => undefined };
    },
  };
}

async function measureFresh(load: Load, kind: ChatServerKind, sockets: number): Promise<Sample> {
  const server = await kind.start({ nodeFlags: answersMemory });
  try {
    await (await joinAll(load, kind.name, server, warmUpSockets)).close();
    const before = await server.ask<Memory>('memory');
    const fleet = await joinAll(load, kind.name, server, sockets);
    const after = await server.ask<Memory>('memory');
    await fleet.close();
    const kilobytesOf = (part: keyof Memory): number => (after[part] - before[part]) / sockets / 1_024;
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
