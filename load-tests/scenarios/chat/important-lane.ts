import { openFleet } from '../../harness/fleet.ts';
import { preciseNowMs } from '../../harness/open-loop.ts';
import type { Load, OpenSide, Sample, Side } from '../../harness/scenario.ts';
import { leadMs } from './broadcast.ts';
import { fillRoom, type FullRoom } from './full-room.ts';
import { markedText, unmarkedText, type ChatServerKind } from './servers.ts';

type Flood = {
  sockets: number;
  /** Chat of viewers, far above what a room shows. */
  chatPerSecond: number;
  /** What the host says meanwhile. It travels like offers: before chat, at once, never dropped. */
  hostPerSecond: number;
  durationMs: number;
};

const deadlineMs = 60_000;

/** How long what must not wait takes to reach every socket while viewers flood the chat. The value is its p99. */
export function importantLaneSide(load: Load, kind: ChatServerKind, flood: Flood): Side {
  return {
    name: kind.name,
    setUp: `${kind.setUp}; viewers ${flood.chatPerSecond}/s, host ${flood.hostPerSecond}/s`,
    async open(): Promise<OpenSide> {
      const room = await fillRoom(load, kind, flood.sockets);
      const host = await openFleet({ url: room.server.url, auths: [room.server.hostAuth] });
      let first = 0;
      return {
        async measure() {
          first += (flood.hostPerSecond * flood.durationMs) / 1_000;
          return measureFlood(load, kind.name, { ...room, host }, { ...flood, first });
        },
        async close() {
          await host.close();
          await room.close();
        },
      };
    },
  };
}

async function measureFlood(
  load: Load,
  name: string,
  { server, fleet, host }: FullRoom & { host: FullRoom['fleet'] },
  { sockets, chatPerSecond, hostPerSecond, durationMs, first }: Flood & { first: number },
): Promise<Sample> {
  const startMs = preciseNowMs() + leadMs;
  const hostTimes = { startMs, intervalMs: 1_000 / hostPerSecond, first };
  const hostCount = (durationMs * hostPerSecond) / 1_000;
  await fleet.expect(hostTimes);
  const [, chat] = await Promise.all([
    host.requestOnSchedule({
      ...hostTimes,
      request: server.say(markedText),
      count: hostCount,
      senders: 1,
      answerDeadlineMs: deadlineMs,
    }),
    fleet.requestOnSchedule({
      startMs,
      intervalMs: 1_000 / chatPerSecond,
      first,
      request: server.say(unmarkedText),
      count: (durationMs * chatPerSecond) / 1_000,
      senders: sockets,
      answerDeadlineMs: deadlineMs,
    }),
  ]);
  const delivered = await fleet.deliveries(hostCount * sockets, deadlineMs);
  load.check(
    `${name}: nothing of the host is lost in a flood of chat`,
    delivered.messages === hostCount * sockets && delivered.sequences.length === 1,
    `${delivered.messages} of ${hostCount * sockets}, ${delivered.sequences.length} sequences`,
  );
  load.check(`${name}: every message of the flood is answered`, chat.tally['unanswered'] === 0, chat.firstOther ?? '');
  const { p50Ms, p99Ms, p999Ms } = delivered.latency;
  return { value: p99Ms, figures: { p50Ms, p99Ms, p999Ms, chatAckP99Ms: chat.latency.p99Ms } };
}
