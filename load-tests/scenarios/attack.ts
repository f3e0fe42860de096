import { setTimeout as pause } from 'node:timers/promises';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { unreadBytesMax } from '../../server/gateway/frames.ts';
import { createLog } from '../../server/platform/log.ts';
import { createRedis } from '../../server/platform/redis.ts';
import type { Position } from '../../shared/protocol/room.ts';
import { createAttacker } from '../harness/attacker.ts';
import type { Load, Scenario } from '../harness/scenario.ts';
import type { ServerUnderTest } from '../harness/server-under-test.ts';
import { attacks, type Attack, type Target } from './attack/attacks.ts';
import { openOrdinary, type Ordinary } from './attack/ordinary.ts';
import { openRooms } from './chat/ours.ts';

/** FAULTS, L4: p99 of the delay of the event loop; the figure has the 10 ms between two looks in it. */
const delayMsMax = 50 + 10;

/** FAULTS, L1: what a connection may cost beside what it leaves unread: an idle one, and what Node reads of it at once. */
const connectionBytes = (20 + 64) * 1024;
/** What V8 takes before it tidies up. */
const heapBytes = 320 * 1024 * 1024;
/** What who reads nothing may be owed, besides the cap: answers that were on their way when it was reached. */
const answersOnTheirWay = 2;

const attackers = 20;
const kept = { entries: 600, entryBytes: 1_000 };
/** Between two questions of somebody ordinary, ms: less often than the pace of commands allows. */
const askEveryMs = 25;

type Show = Target & { server: ServerUnderTest; ordinary: Ordinary; baseBytes: number };

/**
 * What others wait while somebody does what they like, and what the server takes of memory, whatever is sent to it or not read. How long
 * they wait is judged in the full profile alone: on a machine with other tests beside it, everybody waits.
 */
export const scenario: Scenario = {
  summary: 'what others wait, and what of memory the server takes, whatever is sent or not read',
  async run(load) {
    const show = await openShow(load);
    for (const attack of attacks) await under(load, show, attack);
  },
};

async function under(load: Load, { server, ordinary, baseBytes, ...target }: Show, attack: Attack): Promise<void> {
  const attacker = createAttacker(server.url);
  try {
    await attack.begin(attacker, target);
    await figuresOf(server); // From here on.
    await askInTurn(ordinary, target.roomId, load.scale({ smoke: 15, full: 400 }));
    const { delayMsP99, residentBytes } = await figuresOf(server);
    const delay = `${delayMsP99.toFixed(1)} ms`;
    load.check(
      `${attack.how}: others are answered, in time`,
      load.profile === 'smoke' || delayMsP99 < delayMsMax,
      delay,
    );
    const unreadBytes = attackers * (unreadBytesMax + answersOnTheirWay * kept.entries * kept.entryBytes);
    const mayBytes = heapBytes + attacker.connections * connectionBytes + unreadBytes;
    const took = `${megabytes(residentBytes - baseBytes)} of ${megabytes(mayBytes)}`;
    const holds = residentBytes - baseBytes < mayBytes;
    load.check(`${attack.how}: memory is bounded`, holds, `${took} with ${attacker.connections} connections`);
  } finally {
    await attacker.callOff();
  }
}

/** A live show in which much was said, and somebody who watches it. */
async function openShow(load: Load): Promise<Show> {
  // Not `test`: its figures tell of the process.
  const server = await load.server({ settings: { NODE_ENV: 'development' } });
  const [host] = await server.people(1, 'account');
  const [watching, ...others] = await server.people(1 + attackers);
  const [roomId = ''] = await openRooms(server, host!.accessToken, 1);
  const ordinary = await openOrdinary(server.url, watching!.accessToken);
  load.onClose(async () => ordinary.leave());
  const { position: begin } = await ordinary.ask<{ position: Position }>('room:join', { roomId });
  await fill((await load.stores()).redisUrl, roomId);
  await askInTurn(ordinary, roomId, 20); // Warm.
  const { residentBytes: baseBytes } = await figuresOf(server);
  return { server, ordinary, baseBytes, roomId, begin, tokens: others.map(({ accessToken }) => accessToken) };
}

/** @throws Error when one of them is refused. */
async function askInTurn(ordinary: Ordinary, roomId: string, questions: number): Promise<void> {
  for (let asked = 0; asked < questions; asked += 1) {
    await ordinary.ask('room:get', { roomId });
    await pause(askEveryMs);
  }
}

/** So much is said in the room that the answer to who missed it is large. */
async function fill(redisUrl: string, roomId: string): Promise<void> {
  const redis = createRedis({ url: redisUrl, log: createLog('silent') });
  await redis.connect();
  const store = createLogStore(redis.commands, { chatPerSecondMax: 100 });
  const body = JSON.stringify({ text: 'x'.repeat(kept.entryBytes - 100) });
  const tail = { lane: 'host', senderId: '', entryId: '', redacts: [], kind: 'chat:announced', body } as const;
  const some = Array.from({ length: 100 }, () => ({ tail, clientKey: undefined }));
  for (let said = 0; said < kept.entries; said += some.length) await store.append(roomId, some);
  redis.close();
}

type Figures = { delayMsP99: number; residentBytes: number };

/** Since the last look. */
async function figuresOf({ url }: ServerUnderTest): Promise<Figures> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const valueOf = (name: string) => Number(new RegExp(`^nightmarket_${name} (\\S+)$`, 'm').exec(text)![1]);
  return {
    delayMsP99: valueOf('nodejs_eventloop_lag_p99_seconds') * 1_000,
    residentBytes: valueOf('process_resident_memory_bytes'),
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
