import type { Load, Scenario } from '../harness/scenario.ts';
import { broadcastSide } from './chat/broadcast.ts';
import { idleMemorySide } from './chat/idle-memory.ts';
import { importantLaneSide } from './chat/important-lane.ts';
import { joinsSide } from './chat/joins.ts';
import { manyRoomsSide } from './chat/many-rooms.ts';
import { ours } from './chat/ours.ts';
import { announcingSocketIo, pacedWriteLoop, socketIo, writeLoop, wsLoop } from './chat/servers.ts';

/** Rooms and chat: what a delivered message, an open socket, a viewer who comes and a room cost. */
export const scenario: Scenario = {
  summary: 'rooms and chat: CPU per delivered message beside plain Socket.IO and the floors under both',
  async run(load) {
    for (const sockets of load.scale({ smoke: [20], full: [1_000, 5_000] })) await framesOf50Ms(load, sockets);
    await floors(load);
    await eachAtOnce(load);
    await importantLane(load);
    await idleMemory(load);
    await joins(load);
    await manyRooms(load);
  },
};

/**
 * A busy room: messages may wait for the frame, at most 50 ms. The first frame of a measurement leaves with one message: many enough
 * follow that frames are about as full as in a room that goes on.
 */
async function framesOf50Ms(load: Load, sockets: number): Promise<void> {
  const workload = { sockets, perSecond: 200, messages: load.scale({ smoke: 20, full: sockets > 1_000 ? 60 : 300 }) };
  const window = { NIGHTMARKET_FRAME_MS_MIN: '50', NIGHTMARKET_FRAME_MS_MAX: '50' };
  await load.compare({
    name: `200 messages/s to ${sockets} sockets, frames of 50 ms`,
    unit: 'µs of server CPU per delivered message',
    baseline: broadcastSide(load, socketIo, workload),
    sides: [broadcastSide(load, ours(load, { settings: window }), workload)],
    targets: [
      { side: 'ours', max: 0.1 },
      { side: 'ours', of: 'deliveriesPerCpuSecond', min: 1_000_000 },
    ],
  });
}

/** What lies under ours and under Socket.IO: the same bytes with nothing around them. */
async function floors(load: Load): Promise<void> {
  const workload = {
    perSecond: 200,
    ...load.scale({ smoke: { sockets: 20, messages: 20 }, full: { sockets: 1_000, messages: 100 } }),
  };
  await load.compare({
    name: `floors: 200 messages/s to ${workload.sockets} sockets`,
    unit: 'µs of server CPU per delivered message',
    baseline: broadcastSide(load, socketIo, workload),
    sides: [wsLoop, writeLoop, pacedWriteLoop(50)].map((floor) => broadcastSide(load, floor, workload)),
  });
}

/** A quiet room: a message leaves as soon as it has its place in the log. */
async function eachAtOnce(load: Load): Promise<void> {
  const sockets = load.scale({ smoke: 20, full: 1_000 });
  const workload = { sockets, perSecond: 20, messages: load.scale({ smoke: 5, full: 20 }) };
  await load.compare({
    name: `20 messages/s to ${sockets} sockets, each at once`,
    unit: 'µs of server CPU per delivered message',
    baseline: broadcastSide(load, socketIo, workload),
    sides: [broadcastSide(load, ours(load), workload)],
    targets: [{ side: 'ours', max: 0.7 }],
  });
}

/**
 * Chat at three times what a room shows, and what the host does must not wait for it: it is in one lane with what is sold. Beside a calm room of ours, for a peer
 * that drowns in the flood comes out differently each time and could not tell whether the machine was quiet.
 */
async function importantLane(load: Load): Promise<void> {
  const flood = load.scale({
    smoke: { sockets: 30, chatPerSecond: 60, hostPerSecond: 10, durationMs: 500 },
    full: { sockets: 200, chatPerSecond: 750, hostPerSecond: 20, durationMs: 3_000 },
  });
  const calm = { ...flood, chatPerSecond: flood.chatPerSecond / 30 };
  const settings = { NIGHTMARKET_CHAT_PER_SECOND_MAX: `${flood.chatPerSecond / 3}` };
  await load.compare({
    name: `host lane to ${flood.sockets} sockets, chat at 3 times its cap`,
    unit: 'ms from the intended time of sending to every socket, p99',
    baseline: importantLaneSide(load, ours(load, { name: 'ours, calm', settings }), calm),
    sides: [
      importantLaneSide(load, ours(load, { settings }), flood),
      importantLaneSide(load, socketIo, flood),
      // What the machine itself takes: nothing is kept, and nobody is in the way.
      importantLaneSide(load, { ...socketIo, name: 'Socket.IO, calm' }, calm),
    ],
    targets: [{ side: 'ours', of: 'p99Ms', max: 20 }],
  });
}

async function idleMemory(load: Load): Promise<void> {
  const sockets = load.scale({ smoke: { first: 10, more: 20 }, full: { first: 2_000, more: 4_000 } });
  await load.compare({
    name: `${sockets.more} idle sockets more in a room of ${sockets.first}`,
    unit: 'KiB of resident memory per socket',
    openings: 1,
    baseline: idleMemorySide(load, socketIo, sockets),
    sides: [idleMemorySide(load, ours(load), sockets)],
    targets: [{ side: 'ours', of: 'residentKilobytes', max: 20 }],
  });
}

async function joins(load: Load): Promise<void> {
  const viewers = load.scale({ smoke: 20, full: 1_000 });
  await load.compare({
    name: `${viewers} viewers connect and join`,
    unit: 'µs of server CPU per viewer',
    baseline: joinsSide(load, socketIo, viewers),
    sides: [
      joinsSide(load, ours(load), viewers),
      ...load.scale({ smoke: [], full: [joinsSide(load, announcingSocketIo, viewers)] }),
    ],
    targets: [{ side: 'ours', max: 0.5 }],
  });
}

async function manyRooms(load: Load): Promise<void> {
  const workload = load.scale({ smoke: { messages: 20, perSecond: 100 }, full: { messages: 400, perSecond: 200 } });
  const { few, more } = load.scale({ smoke: { few: 5, more: [] }, full: { few: 10, more: [1_000] } });
  await load.compare({
    name: `messages into ${[few, ...more].join(', ')} rooms`,
    unit: 'µs of server CPU per message to 2 sockets',
    baseline: manyRoomsSide(load, few, workload),
    sides: more.map((rooms) => manyRoomsSide(load, rooms, workload)),
    targets: more.map((rooms) => ({ side: `${rooms} rooms`, max: 1.25 })),
  });
}
