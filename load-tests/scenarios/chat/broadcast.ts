import { openFleet, type Delivered } from '../../harness/fleet.ts';
import { preciseNowMs } from '../../harness/open-loop.ts';
import type { Load, Sample, Side } from '../../harness/scenario.ts';
import type { ChatServerKind } from './servers.ts';

export type Workload = {
  sockets: number;
  /** Messages of one measurement. */
  messages: number;
  perSecond: number;
};

/** Sockets that send by turns: each stays far below what one person may send. */
const sendersMax = 200;
/** Between the schedule being told to the threads and its first message. */
const leadMs = 20;
const deliveryDeadlineMs = 60_000;

/** One room full of sockets; a measurement sends messages into it and waits until every socket has each of them. */
export function broadcastSide(load: Load, kind: ChatServerKind, { sockets, messages, perSecond }: Workload): Side {
  return {
    name: kind.name,
    setUp: kind.setUp,
    async open() {
      const server = await kind.start();
      const fleet = await openFleet({ url: server.url, auths: await server.auths(sockets) });
      const joined = await fleet.requestAll(server.join);
      load.check(
        `${kind.name}: all ${sockets} sockets join`,
        joined.tally['"ok":true'] === sockets,
        joined.firstOther ?? '',
      );
      let first = 0;

      return {
        async measure(): Promise<Sample> {
          const times = { startMs: preciseNowMs() + leadMs, intervalMs: 1_000 / perSecond, first };
          first += messages;
          await fleet.expect(times);
          const [serverBeforeMs, loadBeforeMs] = [server.cpuMs(), ownCpuMs()];
          const answers = await fleet.requestOnSchedule({
            ...times,
            request: server.send,
            count: messages,
            senders: Math.min(sockets, sendersMax),
            answerDeadlineMs: deliveryDeadlineMs,
          });
          const delivered = await fleet.deliveries(messages * sockets, deliveryDeadlineMs);
          const [serverMs, loadMs] = [server.cpuMs() - serverBeforeMs, ownCpuMs() - loadBeforeMs];
          checkDelivery(load, kind.name, delivered, messages, sockets);
          return {
            value: (serverMs * 1_000) / delivered.messages,
            figures: {
              messagesPerFrame: delivered.messages / delivered.frames,
              deliveriesPerCpuSecond: (delivered.messages * 1_000) / serverMs,
              deliveryP50Ms: delivered.latency.p50Ms,
              deliveryP99Ms: delivered.latency.p99Ms,
              ackP99Ms: answers.latency.p99Ms,
              loadCpuPerServerCpu: loadMs / serverMs,
            },
          };
        },
        async close() {
          await fleet.close();
          await server.stop();
        },
      };
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
