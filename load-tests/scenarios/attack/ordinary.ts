import { protocolVersion } from '../../../shared/protocol/index.ts';
import { RawSocket } from '../../harness/raw-socket.ts';

/** Somebody who watches and asks, as everybody does. */
export type Ordinary = {
  /** The data of the answer. @throws Error when it is refused, or when the socket is ended. */
  ask<T>(name: string, input: object): Promise<T>;
  leave(): void;
};

export async function openOrdinary(url: string, token: string): Promise<Ordinary> {
  let asked = 0;
  let settle: { resolve(data: unknown): void; reject(error: Error): void } | null = null;
  const socket = new RawSocket(new URL(url), JSON.stringify({ token, protocol: protocolVersion }), {
    onEvent: () => undefined,
    onAck(_ackId, bytes, start, end) {
      const [reply] = JSON.parse(bytes.toString('utf8', start, end)) as [{ ok: boolean; data: unknown }];
      if (reply.ok) settle?.resolve(reply.data);
      else settle?.reject(new Error(`refused: ${JSON.stringify(reply)}`));
    },
    onClosed: (why) => settle?.reject(new Error(`ended: ${why}`)),
  });
  await socket.connected;
  return {
    ask: <T>(name: string, input: object) =>
      new Promise<T>((resolve, reject) => {
        settle = { resolve, reject };
        socket.request(++asked, JSON.stringify([name, input]));
      }),
    leave: () => socket.destroy(),
  };
}
