import { AppError } from '../../shared/errors.ts';
import type { Reply } from '../../shared/protocol/define.ts';
import type { CommandName, Output } from '../../shared/protocol/index.ts';
import { heardServerDate } from '../state/server-clock.ts';

type Way = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /api/${string}`;
type Options = { body?: unknown; query?: Record<string, string | number | undefined>; token?: string | null };

/**
 * Calls a command by its HTTP binding: for what must work before there is a socket. The output type is the command's own.
 *
 * @throws AppError as the server said it, or RETRY when nothing answered.
 */
export async function callHttp<E extends CommandName>(
  way: Way,
  { body, query = {}, token }: Options = {},
): Promise<Output<E>> {
  const [method, path] = way.split(' ') as [string, string];
  const response = await reached(path + queryOf(query), {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  heardServerDate(response.headers.get('date'));
  return dataOf<Output<E>>(response);
}

/** What the server answers, whatever it is. @throws AppError RETRY when nothing answered. */
export const reached = (path: string, request: RequestInit): Promise<Response> =>
  fetch(path, request).catch((cause: unknown) => {
    throw new AppError('RETRY', String(cause));
  });

/** The data of an answer of the API. @throws AppError as the server said it. */
export async function dataOf<Data>(response: Response): Promise<Data> {
  const reply = (await response.json().catch(() => null)) as Reply<Data> | null;
  if (!reply) throw new AppError('INTERNAL', `status ${response.status}`);
  if (!reply.ok) throw new AppError(reply.error.code, reply.error.message, reply.error);
  return reply.data;
}

function queryOf(query: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return pairs.length > 0 ? `?${new URLSearchParams(pairs).toString()}` : '';
}
