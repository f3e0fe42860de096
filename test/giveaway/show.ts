import { randomBytes } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import type { App } from '../../server/app/app.ts';
import type { CommandName, Input, Output } from '../../shared/protocol/index.ts';
import { account, openSocket, send } from '../support/app.ts';

export type Person = { socket: Socket; personId: string; name: string };

/** A show with a clock of its own: time stands still until the test says otherwise. */
export function createShow(clock: { nowMs: number }) {
  const sockets: Socket[] = [];

  return {
    clock,
    async person(app: App): Promise<Person> {
      const session = await account(app);
      const socket = await openSocket(app, session);
      sockets.push(socket);
      return { socket, personId: session.person.personId, name: session.person.name };
    },
    async people(apps: readonly App[], count: number): Promise<Person[]> {
      return Promise.all(Array.from({ length: count }, (_, i) => this.person(apps[i % apps.length]!)));
    },
    /** A host in a live room. */
    async host(app: App): Promise<Person & { roomId: string }> {
      const person = await this.person(app);
      const { roomId } = await ask(person, 'room:create', { title: 'Giveaway night' });
      await ask(person, 'room:start', { roomId });
      return { ...person, roomId };
    },
    close: (): void => sockets.forEach((socket) => socket.disconnect()),
  };
}

/** Sends a command and returns its output. @throws Error with the code when it was refused. */
export async function ask<E extends CommandName>(
  { socket }: Pick<Person, 'socket'>,
  name: E,
  input: Parameters<typeof send<E>>[2],
): Promise<Output<E>> {
  const reply = await send(socket, name, input);
  if (!reply.ok) throw new Error(`${name}: ${reply.error.code} ${reply.error.message}`);
  return reply.data;
}

/** An address that a person may have goods sent to. */
export async function addressOf(person: Person): Promise<string> {
  const home = { recipient: 'Vic', phone: '+34 600 000 000', country: 'ES', city: 'Madrid', street: 'Calle Mayor 1' };
  return (await ask(person, 'address:add', { ...home, requestKey: nonce() })).addressId;
}

export const nonce = (): string => randomBytes(16).toString('hex');

/** What gateways report of a room every five seconds: somebody is there, from now on until the clock of the test is there. */
export async function reportUntil(clock: { nowMs: number }, untilMs: number, report: () => Promise<unknown>) {
  while (clock.nowMs + reportEveryMs < untilMs) {
    await report();
    clock.nowMs += reportEveryMs;
  }
  await report();
  clock.nowMs = untilMs;
}
const reportEveryMs = 5_000;

/** A lucky bag with three prizes that closes in a minute. */
export function luckyBag(roomId: string, nowMs: number, change: Partial<Input<'giveaway:publish'>> = {}) {
  return {
    roomId,
    kind: 'lucky-bag' as const,
    title: 'Mooncakes',
    prize: { prize: 'goods' as const, what: 'A box of mooncakes', valueMinor: 2_000, currency: 'EUR' },
    prizeCount: 3,
    closesAtMs: nowMs + 60_000,
    requestKey: randomBytes(12).toString('hex'),
    ...change,
  };
}
