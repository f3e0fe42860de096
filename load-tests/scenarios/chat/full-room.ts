import { openFleet, type Fleet } from '../../harness/fleet.ts';
import type { Load } from '../../harness/scenario.ts';
import type { ChatServer, ChatServerKind, StartOptions } from './servers.ts';

/** A server and one room of it, full of sockets. */
export type FullRoom = { server: ChatServer; fleet: Fleet; close(): Promise<void> };

export async function fillRoom(
  load: Load,
  kind: ChatServerKind,
  sockets: number,
  options?: StartOptions,
): Promise<FullRoom> {
  const server = await kind.start(options);
  const fleet = await openFleet({ url: server.url, auths: await server.auths(sockets) }).catch(
    async (error: unknown) => {
      await server.stop();
      throw error;
    },
  );
  const { tally, firstOther } = await fleet.requestAll(server.join);
  load.check(`${kind.name}: all sockets join`, tally['"ok":true'] === sockets, firstOther ?? `${sockets} sockets`);
  return {
    server,
    fleet,
    async close() {
      await fleet.close();
      await server.stop();
    },
  };
}
