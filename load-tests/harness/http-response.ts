/** One response as far as counting needs it. `bytes` is its whole length: what follows belongs to the next one. */
export type ResponseHead = { status: number; bytes: number };

const headEndMark = '\r\n\r\n';
const lastChunk = '0\r\n\r\n';

/**
 * The response at the start of `received`; null when it is not complete yet. Knows Content-Length, chunks and bodiless statuses.
 *
 * @throws Error when it is none of these: the next response could not be found.
 */
export function responseIn(received: Buffer): ResponseHead | null {
  const headBytes = received.indexOf(headEndMark) + headEndMark.length;
  if (headBytes < headEndMark.length) return null;
  const head = received.toString('latin1', 0, headBytes);
  const status = Number(head.slice(9, 12));
  const end = endOfBody(received, head, headBytes, status);
  return end === null || end > received.length ? null : { status, bytes: end };
}

function endOfBody(received: Buffer, head: string, headBytes: number, status: number): number | null {
  if (status === 204 || status === 304) return headBytes;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length) return headBytes + Number(length);
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`a response without a length: ${head}`);
  const last = received.indexOf(lastChunk, headBytes);
  return last < 0 ? null : last + lastChunk.length;
}
