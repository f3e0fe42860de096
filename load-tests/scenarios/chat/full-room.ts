import { openFleet, type Fleet } from '../../harness/fleet.ts';
import { preciseNowMs } from '../../harness/open-loop.ts';
import type { Load } from '../../harness/scenario.ts';
import { unmarkedText, type ChatServer, type ChatServerKind, type StartOptions } from './servers.ts';

/** A server and one room of it, full of sockets. */
export type FullRoom = { server: ChatServer; fleet: Fleet; close(): Promise<void> };

export async function fillRoom(
  load: Load,
  kind: ChatServerKind,
  sockets: number,
  options?: StartOptions,
): Promise<FullRoom> {
  const server = await kind.start(options);
  try {
    await warmUp(load, kind, server);
    const fleet = await joinAll(load, kind.name, server, sockets);
    return {
      server,
      fleet,
      async close() {
        await fleet.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** New viewers, all in the room. */
export async function joinAll(load: Load, name: string, server: ChatServer, sockets: number): Promise<Fleet> {
  const fleet = await openFleet({ url: server.url, auths: await server.auths(sockets) });
  const { tally, firstOther } = await fleet.requestAll(server.join);
  load.check(`${name}: all sockets join`, tally['"ok":true'] === sockets, firstOther ?? `${sockets} sockets`);
  return fleet;
}

/** Chat before anything is measured. The path of a message is compiled for good after some thousand messages only. */
async function warmUp(load: Load, { name }: ChatServerKind, server: ChatServer): Promise<void> {
  const { speakers, messages, perSecond } = load.scale({
    smoke: { speakers: 0, messages: 0, perSecond: 0 },
    full: { speakers: 100, messages: 5_000, perSecond: 500 },
  });
  if (speakers === 0) return;
  const fleet = await joinAll(load, name, server, speakers);
  await fleet.requestOnSchedule({
    startMs: preciseNowMs(),
    intervalMs: 1_000 / perSecond,
    first: 0,
    request: server.say(unmarkedText),
    count: messages,
    senders: speakers,
    answerDeadlineMs: 30_000,
  });
  await fleet.close();
}
