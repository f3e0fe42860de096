/** What PostgreSQL says, or the network before it, and what a person can do about it. */
const sentences: Record<string, string> = {
  ECONNRESET: 'A connection was cut while starting',
  ETIMEDOUT: 'PostgreSQL does not answer in time',
  EHOSTUNREACH: "PostgreSQL can't be reached",
  ECONNREFUSED: 'PostgreSQL does not answer',
  ENOTFOUND: "The host in DATABASE_URL can't be found",
  EAI_AGAIN: "The host in DATABASE_URL can't be looked up now",
  '28000': 'PostgreSQL does not let us in',
  '28P01': 'PostgreSQL refused the password in DATABASE_URL',
  '3D000': 'The database in DATABASE_URL does not exist',
  '42501': 'The user in DATABASE_URL must own the database or its schema',
  '53300': 'PostgreSQL has no connection left',
  '57P03': 'PostgreSQL is starting or stopping',
};

/** One sentence about a trouble with PostgreSQL that is known; undefined for others. */
export function postgresSentence(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (/^timeout expired|timeout exceeded when trying to connect/.test(message))
    return 'PostgreSQL does not answer in time: check DATABASE_URL.';
  if (/SSL connections|self-signed certificate|unable to verify/.test(message))
    return `PostgreSQL and we do not agree on encryption: check sslmode in DATABASE_URL. (${message})`;
  const known = code && sentences[code];
  return known ? `${known}: ${message || 'check DATABASE_URL'}` : undefined;
}
