import type { Delivered } from '../../harness/fleet.ts';
import { preciseNowMs } from '../../harness/open-loop.ts';
import type { Load, OpenSide, Sample, Side } from '../../harness/scenario.ts';
import { fillRoom, type FullRoom } from './full-room.ts';
import { markedText, type ChatServerKind } from './servers.ts';

export type Workload = {
  sockets: number;
  /** Messages of one measurement. */
  messages: number;
  perSecond: number;
};

/** Sockets that send by turns: each stays far below what one person may send. */
const sendersMax = 200;
/** Between the schedule being told to the threads and its first message. */
export const leadMs = 20;
const deliveryDeadlineMs = 60_000;

/** One room full of sockets; a measurement sends messages into it and waits until every socket has each of them. */
export function broadcastSide(load: Load, kind: ChatServerKind, workload: Workload): Side {
  return {
    name: kind.name,
    setUp: kind.setUp,
    async open(): Promise<OpenSide> {
      const room = await fillRoom(load, kind, workload.sockets);
      let first = 0;
      return {
        async measure() {
          first += workload.messages;
          return broadcast(load, kind.name, room, { ...workload, first });
        },
        close: room.close,
      };
    },
  };
}

async function broadcast(
  load: Load,
  name: string,
  { server, fleet }: FullRoom,
  { sockets, messages, perSecond, first }: Workload & { first: number },
): Promise<Sample> {
  const times = { startMs: preciseNowMs() + leadMs, intervalMs: 1_000 / perSecond, first };
  await fleet.expect(times);
  const before = { serverMs: server.cpuMs(), storesMs: server.storesCpuMs(), loadMs: ownCpuMs() };
  const answers = await fleet.requestOnSchedule({
    ...times,
    request: server.say(markedText),
    count: messages,
    senders: Math.min(sockets, sendersMax),
    answerDeadlineMs: deliveryDeadlineMs,
  });
  const delivered = await fleet.deliveries(messages * sockets, deliveryDeadlineMs);
  const serverMs = server.cpuMs() - before.serverMs;
  checkDelivery(load, name, delivered, messages, sockets);
  load.check(`${name}: every message is accepted`, answers.firstOther === null, answers.firstOther ?? '');
  return {
    value: (serverMs * 1_000) / delivered.messages,
    figures: {
      deliveriesPerCpuSecond: (delivered.messages * 1_000) / serverMs,
      messagesPerFrame: delivered.messages / delivered.frames,
      bytesPerMessage: delivered.bytes / delivered.messages,
      deliveryP50Ms: delivered.latency.p50Ms,
      deliveryP99Ms: delivered.latency.p99Ms,
      ackP99Ms: answers.latency.p99Ms,
      storesCpuMsPerMessage: (server.storesCpuMs() - before.storesMs) / messages,
      loadCpuPerServerCpu: (ownCpuMs() - before.loadMs) / serverMs,
    },
  };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** In every profile: each socket got each message once, and all in the same order. */
function checkDelivery(
  load: Load,
  name: string,
  { messages, sequences }: Delivered,
  sent: number,
  sockets: number,
): void {
  const sum = (sent * (sent - 1)) / 2;
  load.check(
    `${name}: every socket gets every message once, and all in the same order`,
    sequences.length === 1 && sequences[0]!.startsWith(`${sent} messages, sum ${sum},`),
    `${messages} of ${sent * sockets}; ${sequences.length} different sequences, one with ${sequences[0]!}`,
  );
}
