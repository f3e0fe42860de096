import { setTimeout as pause } from 'node:timers/promises';
import { openFleet } from '../../harness/fleet.ts';
import type { Load, Sample, Side } from '../../harness/scenario.ts';
import type { ChatServer, ChatServerKind } from './servers.ts';

/** The first thousands meet code that is still interpreted: a new process spends twice as much on each of them. */
const crowdsUntilCompiled = 4;

/** What it costs to come: connect, be let in, join a room. The value is CPU per viewer who came. */
export function joinsSide(load: Load, kind: ChatServerKind, viewers: number): Side {
  return {
    name: kind.name,
    setUp: kind.setUp,
    async open() {
      const crowdsBefore = load.scale({ smoke: 0, full: crowdsUntilCompiled });
      const server = await kind.start();
      const measure = (): Promise<Sample> => measureJoins(load, kind.name, server, viewers);
      for (let crowd = 0; crowd < crowdsBefore; crowd += 1) await measure();
      return { measure, close: () => server.stop() };
    },
  };
}

async function measureJoins(load: Load, name: string, server: ChatServer, viewers: number): Promise<Sample> {
  const auths = await server.auths(viewers);
  await atRest(server);
  const startedMs = server.cpuMs();
  const fleet = await openFleet({ url: server.url, auths });
  const connectedMs = server.cpuMs();
  const { tally, firstOther, latency } = await fleet.requestAll(server.join);
  const joinedMs = server.cpuMs();
  await fleet.close();
  load.check(`${name}: all sockets join`, tally['"ok":true'] === viewers, firstOther ?? `${viewers} sockets`);
  return {
    value: ((joinedMs - startedMs) * 1_000) / viewers,
    figures: {
      viewersPerCpuSecond: (viewers * 1_000) / (joinedMs - startedMs),
      connectUs: ((connectedMs - startedMs) * 1_000) / viewers,
      joinUs: ((joinedMs - connectedMs) * 1_000) / viewers,
      joinP99Ms: latency.p99Ms,
    },
  };
}

const restSliceMs = 100;
const restLoadMax = 0.1;
const slicesMax = 50;

/** Waits until the server has done what was before: a thousand goodbyes would be charged to those who come next. */
async function atRest(server: ChatServer): Promise<void> {
  for (let slices = 0; slices < slicesMax; slices += 1) {
    const beforeMs = server.cpuMs();
    await pause(restSliceMs);
    if (server.cpuMs() - beforeMs < restSliceMs * restLoadMax) return;
  }
}
