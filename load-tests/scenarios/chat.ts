import type { Scenario } from '../harness/scenario.ts';
import { socketIoPeer } from './chat/peers.ts';
import { broadcastSide } from './chat/broadcast.ts';

/** Rooms and chat: what a delivered message costs. */
export const scenario: Scenario = {
  summary: 'chat in one room: CPU per delivered message beside plain Socket.IO',
  async run(load) {
    const size = load.scale({ smoke: { sockets: 20, messages: 20 }, full: { sockets: 1_000, messages: 200 } });
    const workload = { ...size, perSecond: 200 };
    await load.compare({
      name: `chat to ${size.sockets} sockets`,
      unit: 'µs of server CPU per delivered message',
      baseline: broadcastSide(load, socketIoPeer, workload),
      sides: [broadcastSide(load, { ...socketIoPeer, name: 'Socket.IO again' }, workload)],
    });
  },
};
