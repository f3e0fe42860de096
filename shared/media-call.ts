import { z } from 'zod';
import { AppError, errorCodes, errorReasons, type ErrorCode } from './errors.ts';

/** Where a media server has its internal API, and the secret that opens it. */
export type MediaAddress = { url: string; token: string };

const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({
      code: z.string(),
      message: z.string(),
      retryAfterMs: z.number().optional(),
      reason: z.enum(errorReasons).optional().catch(undefined), // A media server that was updated first has more of them.
    }),
  }),
]);

const otherToken = 'NIGHTMARKET_MEDIA_TOKEN is not that of the media server';

/**
 * Asks a media server on another host for something, by its internal API (media/internal-api.ts).
 *
 * @param path  the verb, and a query if there is one
 * @returns the answer, to be read by `readAnswer`
 * @throws Error when there is none: of the network, of `signal`, or because the secret is another one
 */
export async function postToMedia(
  { url, token }: MediaAddress,
  path: string,
  input: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetch(`${url}/internal/media/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
    signal,
  });
  // Not what a client is to be told: its own key may be right.
  if (response.status === 401) throw new Error(otherToken);
  return await response.json();
}

/** What was asked for. @throws AppError what the media server refused it with */
export function readAnswer(raw: unknown): unknown {
  const answer = Answer.parse(raw);
  if (answer.ok) return answer.data;
  const { code, message, retryAfterMs, reason } = answer.error;
  if (!Object.hasOwn(errorCodes, code)) throw new Error(`the media server answered ${code}: ${message}`);
  throw new AppError(code as ErrorCode, message, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** What systems and `fetch` call what has happened. */
const troubles: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name is not known',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  TimeoutError: 'it does not answer in time',
  SyntaxError: 'its answer is none of a media server',
  ZodError: 'its answer is none of a media server of this version',
};

/** Why there was no answer, for pages that anybody may ask: without the names and addresses of the inside. */
export function troubleOf(error: unknown): string {
  if (error instanceof AppError) return error.code === 'UNKNOWN_ROUTE' ? 'it is no media process' : error.message;
  const { name, message, cause } = error as Error;
  if (message === otherToken) return message;
  const { code = name } = (cause ?? {}) as { code?: string };
  return troubles[code] ?? 'it does not answer';
}

/** fetch() says no more than that it failed; why is in its cause. */
export function reasonOfSilence(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
