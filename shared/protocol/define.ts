import type { z } from 'zod';
import type { ErrorBody } from '../errors.ts';

/**
 * Where a command can be reached over HTTP. Path parameters (`:roomId`), query and body together form the input, so
 * both ways in reach the same verb with the same schema.
 */
export type HttpBinding = { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: `/api/${string}` };

/** A request a client sends and the server answers once. Input is parsed; output is typed, and parsed in tests. */
export type Command<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  /** One sentence for the API documents. */
  summary: string;
  input: I;
  output: O;
  http?: HttpBinding;
};

export const command = <I extends z.ZodType, O extends z.ZodType>(definition: Command<I, O>): Command<I, O> =>
  definition;

/** What every command is answered with. `error.retryable` tells whether the same call may succeed later. */
export type Reply<T> = { ok: true; data: T } | { ok: false; error: ErrorBody };

/** Turns `{ 'chat:send': command(...) }` into the map that Socket.IO's generics expect. */
export type ClientToServer<C extends Record<string, Command>> = {
  [E in keyof C]: (input: z.input<C[E]['input']>, ack: (reply: Reply<z.output<C[E]['output']>>) => void) => void;
};

/** Turns `{ 'session:ended': schema }` into the map of what the server may emit to one socket. */
export type ServerToClient<N extends Record<string, z.ZodType>> = { [E in keyof N]: (notice: z.output<N[E]>) => void };

/**
 * Priority of what happens in a room, highest first. A slow or crowded room thins `ambient`, then `chat`; `commerce` and
 * `host` are never dropped.
 */
export type Lane = 'commerce' | 'host' | 'chat' | 'ambient';

/** One kind of entry of the room log. */
export type RoomEvent<B extends z.ZodType = z.ZodType> = { lane: Lane; body: B };

export const roomEvent = <B extends z.ZodType>(lane: Lane, body: B): RoomEvent<B> => ({ lane, body });
