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
  if (response.status === 401) throw new Error('NIGHTMARKET_MEDIA_TOKEN is not that of the media server');
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

/** fetch() says no more than that it failed; why is in its cause. */
export function reasonOfSilence(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
