/**
 * Every error code a client can meet: HTTP status, whether the same call may succeed later though it is not told when, and the sentence
 * shown when a call brings none of its own. Codes are public API: added, never renamed. docs/protocol.md lists them.
 */
export const errorCodes = {
  BAD_INPUT: { status: 400, retryable: false, message: 'The request does not have the expected form.' },
  UNAUTHENTICATED: { status: 401, retryable: false, message: 'Sign in first.' },
  TOKEN_EXPIRED: { status: 401, retryable: false, message: 'The access token has expired; refresh it.' },
  SESSION_REVOKED: { status: 401, retryable: false, message: 'This session was ended; sign in again.' },
  WRONG_CREDENTIALS: { status: 401, retryable: false, message: 'E-mail or password is wrong.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'You may not do this.' },
  ORIGIN_REFUSED: { status: 403, retryable: false, message: 'This origin is not on the allow-list.' },
  NOT_FOUND: { status: 404, retryable: false, message: 'There is no such thing, or you may not see it.' },
  UNKNOWN_COMMAND: { status: 404, retryable: false, message: 'There is no such command.' },
  UNKNOWN_ROUTE: { status: 404, retryable: false, message: 'There is no such route.' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, message: 'This address does not know the method.' },
  CODECS_REFUSED: { status: 406, retryable: false, message: 'None of the offered codecs can be used here.' },
  REQUEST_TIMEOUT: { status: 408, retryable: true, message: 'The request did not arrive in time.' },
  CONFLICT: { status: 409, retryable: false, message: 'The thing is not in a state that allows this.' },
  EMAIL_TAKEN: { status: 409, retryable: false, message: 'An account with this e-mail exists already.' },
  KEY_REUSED: { status: 409, retryable: false, message: 'This request key was used before with other contents.' },
  STALE_ETAG: { status: 412, retryable: false, message: 'The ICE session has been restarted meanwhile.' },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, message: 'The request is too large.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, message: 'The content type is not supported.' },
  OFFER_REFUSED: { status: 422, retryable: false, message: 'The SDP offer lacks something that is needed.' },
  ACK_MISSING: { status: 422, retryable: false, message: 'A command needs an acknowledgement callback.' },
  UPGRADE_REQUIRED: { status: 426, retryable: false, message: 'This client speaks an older protocol; reload it.' },
  RATE_LIMITED: { status: 429, retryable: true, message: 'Too many requests; wait a moment.' },
  HEADERS_TOO_LARGE: { status: 431, retryable: false, message: 'The headers of the request are too large.' },
  INTERNAL: { status: 500, retryable: false, message: 'Something went wrong on our side.' },
  RETRY: { status: 503, retryable: true, message: 'Not available this moment; the same request may be sent again.' },
  UNAVAILABLE: { status: 503, retryable: true, message: 'A part this needs is not available right now.' },
  DRAINING: { status: 503, retryable: true, message: 'This server is about to stop; reconnect.' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * What stands in the way of a request that is refused with CONFLICT, of a guest and of who was put out of a room or is no fan (FORBIDDEN), and of an
 * address that can't be told of orders: for programs, and for people who do not read the English sentence. Public API like the codes.
 */
export const errorReasons = [
  'room-over',
  'room-state',
  'show-not-coming',
  'offer-not-open',
  'offer-ended',
  'offer-promised',
  'not-pinnable',
  'terms-fixed',
  'changed-meanwhile',
  'end-passed',
  'units-short',
  'currency-fixed',
  'amounts-not-in-currency',
  'variant-exists',
  'options-differ',
  'units-offered',
  'handle-taken',
  'group-exists',
  'group-no-show',
  'members-more',
  'staff-not-sanctioned',
  'host-has-all',
  'not-following',
  'own-self',
  'too-many',
  'no-club',
  'entries-open',
  'not-drawn',
  'giveaway-cancelled',
  'rehearsal',
  'media-full',
  'column-twice',
  'address-not-public',
  'address-not-https',
  'address-other-port',
  'address-names-user',
  'sender-banned',
  'name-not-allowed',
  'account-needed',
  'banned',
  'kicked',
  'fans-only',
] as const;
export type ErrorReason = (typeof errorReasons)[number];

/**
 * What goes with an error besides its code. `retryAfterMs`: earliest sensible retry, ms from now; such an error is retryable, whatever its
 * code. `detail`: what a moderator wants whom they banned or kicked to know; a person's words, to be shown as text.
 */
export type ErrorExtras = {
  retryAfterMs?: number;
  reason?: ErrorReason;
  detail?: string;
  fields?: readonly { path: string; message: string }[];
};

/** A request that can't be served. Thrown by rules, turned into an answer by the gateway, safe to show. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, detail?: string, extras: ErrorExtras = {}) {
    super(detail ?? errorCodes[code].message);
    this.name = 'AppError';
    this.code = code;
    this.extras = extras;
  }
}

/** The error half of every answer, over sockets and HTTP alike. */
export type ErrorBody = { code: ErrorCode; message: string; retryable: boolean } & ErrorExtras;

/** What a client may know about an error: the detail of ours, nothing of anybody else's. */
export function describeError(error: unknown): ErrorBody {
  if (!(error instanceof AppError)) return { code: 'INTERNAL', ...publicPart('INTERNAL') };
  const { code, message, extras } = error;
  // Whoever is told when to come again may: a header says the same over HTTP.
  const retryable = errorCodes[code].retryable || extras.retryAfterMs !== undefined;
  return { code, message, retryable, ...extras };
}

const publicPart = (code: ErrorCode) => ({ message: errorCodes[code].message, retryable: errorCodes[code].retryable });
