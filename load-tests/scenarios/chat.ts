import type { Load, Scenario } from '../harness/scenario.ts';
import { broadcastSide } from './chat/broadcast.ts';
import { ours } from './chat/ours.ts';
import { pacedWriteLoop, socketIo, writeLoop, wsLoop } from './chat/servers.ts';

/** Rooms and chat: what a delivered message costs. */
export const scenario: Scenario = {
  summary: 'rooms and chat: CPU per delivered message beside plain Socket.IO and the floors under both',
  async run(load) {
    await pacedBroadcast(load, load.scale({ smoke: 20, full: 1_000 }));
    await unpacedBroadcast(load, load.scale({ smoke: 20, full: 1_000 }));
  },
};

/** A busy room: messages may wait for the frame, at most 50 ms. */
async function pacedBroadcast(load: Load, sockets: number): Promise<void> {
  const workload = { sockets, perSecond: 200, messages: load.scale({ smoke: 20, full: 200 }) };
  const window = { NIGHTMARKET_FRAME_MS_MIN: '50', NIGHTMARKET_FRAME_MS_MAX: '50' };
  await load.compare({
    name: `200 messages/s to ${sockets} sockets, frames of 50 ms`,
    unit: 'µs of server CPU per delivered message',
    baseline: broadcastSide(load, socketIo, workload),
    sides: [
      broadcastSide(load, ours(load, { settings: window }), workload),
      broadcastSide(load, wsLoop, workload),
      broadcastSide(load, writeLoop, workload),
      broadcastSide(load, pacedWriteLoop(50), workload),
    ],
    targets: [
      { side: 'ours', max: 0.1 },
      { side: 'ours', of: 'deliveriesPerCpuSecond', min: 1_000_000 },
    ],
  });
}

/** A quiet room: a message leaves as soon as it has its place in the log. */
async function unpacedBroadcast(load: Load, sockets: number): Promise<void> {
  const workload = { sockets, perSecond: 20, messages: load.scale({ smoke: 5, full: 40 }) };
  await load.compare({
    name: `20 messages/s to ${sockets} sockets, each at once`,
    unit: 'µs of server CPU per delivered message',
    baseline: broadcastSide(load, socketIo, workload),
    sides: [broadcastSide(load, ours(load), workload), broadcastSide(load, wsLoop, workload)],
    targets: [{ side: 'ours', max: 0.7 }],
  });
}
