import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, describeError, errorCodes, type ErrorCode } from '../../shared/errors.ts';

/** What Node's parser and its timers say of a request that never became one; anything else is a request nobody can read. */
const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'PAYLOAD_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** Answers what is no HTTP, in the form of all our errors. For the event `clientError` of an HTTP server. */
export function answerUnreadable({ code = '' }: NodeJS.ErrnoException, connection: Duplex): void {
  // A half-sent answer can't be taken back, and whoever has left hears nothing.
  const { _httpMessage: answer } = connection as Duplex & { _httpMessage?: ServerResponse };
  if (!connection.writable || answer?.headersSent) return void connection.destroy();
  answerRaw(connection, codes[code] ?? 'BAD_INPUT');
}

/** Answers a connection on which there is no response to write to, and closes it. */
export function answerRaw(connection: Duplex, code: ErrorCode): void {
  const { status, retryable } = errorCodes[code];
  const body = JSON.stringify({ ok: false, error: describeError(new AppError(code)) });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? code}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryable ? [`Retry-After: 1`] : []),
  ];
  connection.on('error', () => undefined); // It may be cut before it has read this.
  connection.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => connection.destroy());
}
