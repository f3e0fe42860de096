import { AppError } from '../../shared/errors.ts';
import type { Reply } from '../../shared/protocol/define.ts';
import { accessToken } from './session.ts';

/** Sends a file to a route of the API. @throws AppError as the server said it. */
export async function sendFile<Answer>(path: string, file: Blob, type: string): Promise<Answer> {
  const response = await reached(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${await accessToken()}`, 'content-type': type },
    body: file,
  });
  const reply = (await response.json()) as Reply<Answer>;
  if (!reply.ok) throw refusalOf(reply);
  return reply.data;
}

/** Text of a file that the API gives to this person only. @throws AppError. */
export async function readFile(path: string): Promise<string> {
  const response = await reached(path, { headers: { authorization: `Bearer ${await accessToken()}` } });
  if (!response.ok) throw refusalOf((await response.json()) as Reply<never>);
  return response.text();
}

/** @throws AppError RETRY when the server was not reached. */
const reached = (path: string, request: RequestInit): Promise<Response> =>
  fetch(path, request).catch(() => {
    throw new AppError('RETRY');
  });

const refusalOf = (reply: Reply<unknown>): AppError =>
  reply.ok ? new AppError('INTERNAL') : new AppError(reply.error.code, reply.error.message, reply.error);
