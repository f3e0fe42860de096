import { openFleet } from '../../harness/fleet.ts';
import { preciseNowMs } from '../../harness/open-loop.ts';
import type { Load, OpenSide, Side } from '../../harness/scenario.ts';
import { startServer, type ServerUnderTest } from '../../harness/server-under-test.ts';
import { leadMs } from './broadcast.ts';
import { openRooms } from './ours.ts';
import { markedText } from './servers.ts';

const socketsPerRoom = 2;
/** Those of the largest number of rooms; where there are fewer rooms, the others are connected and in none. */
const sockets = 2_000;
/** A host makes a room by two commands; this keeps them below what one person may send at once. */
const roomsPerHost = 50;
const deadlineMs = 30_000;

/** The same messages of the same speakers, spread over few rooms or many: the value is CPU per message. */
export function manyRoomsSide(
  load: Load,
  rooms: number,
  { messages, perSecond }: { messages: number; perSecond: number },
): Side {
  return {
    name: `${rooms} rooms`,
    setUp: `ours; ${socketsPerRoom} sockets a room, ${perSecond} messages/s of as many speakers by turns into all rooms`,
    async open(): Promise<OpenSide> {
      const server = await startServer(await load.stores());
      const roomIds = await openAll(server, rooms);
      const fleetOf = async (people: number) => {
        const auths = (await server.people(people)).map(({ accessToken }) => ({ token: accessToken }));
        return openFleet({ url: server.url, auths });
      };
      // Those who speak are in no room, and as many on each side; each speaks once a second, which is refused to nobody.
      const watching = rooms * socketsPerRoom;
      const [fleet, speakers] = [await fleetOf(watching), await fleetOf(perSecond)];
      const idle = await fleetOf(Math.max(0, load.scale({ smoke: 20, full: sockets }) - watching));
      const joined = await fleet.requestAll({ name: 'room:join', input: { roomId: '{choice}' }, choices: roomIds });
      load.check(
        `all join their rooms, of ${rooms}`,
        joined.tally['"ok":true'] === fleet.sockets,
        joined.firstOther ?? '',
      );

      let first = 0;
      return {
        async measure() {
          first += messages;
          const times = { startMs: preciseNowMs() + leadMs, intervalMs: 1_000 / perSecond, first };
          await fleet.expect(times);
          const beforeMs = server.cpuMs();
          const { firstOther } = await speakers.requestOnSchedule({
            ...times,
            request: {
              name: 'chat:send',
              input: { roomId: '{choice}', text: markedText, requestKey: '{id}' },
              choices: roomIds,
              tally: ['"outcome":"sent"'],
            },
            count: messages,
            senders: speakers.sockets,
            answerDeadlineMs: deadlineMs,
          });
          const expected = messages * socketsPerRoom;
          const delivered = await fleet.deliveries(expected, deadlineMs);
          const serverMs = server.cpuMs() - beforeMs;
          load.check(
            `${rooms} rooms: every message reaches its room`,
            delivered.messages === expected,
            `${delivered.messages} of ${expected} ${firstOther ?? ''}`,
          );
          return { value: (serverMs * 1_000) / messages, figures: { deliveryP99Ms: delivered.latency.p99Ms } };
        },
        async close() {
          await Promise.all([fleet, speakers, idle].map((opened) => opened.close()));
          await server.stop();
        },
      };
    },
  };
}

async function openAll(server: ServerUnderTest, rooms: number): Promise<string[]> {
  const hosts = await server.people(Math.ceil(rooms / roomsPerHost), 'account');
  const roomIds: string[] = [];
  for (const { accessToken } of hosts)
    roomIds.push(...(await openRooms(server, accessToken, Math.min(roomsPerHost, rooms - roomIds.length))));
  return roomIds;
}
