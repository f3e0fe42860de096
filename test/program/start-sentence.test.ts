import { expect, test } from 'vitest';
import { sentenceOf } from '../../server/app/start-sentence.ts';
import { StartError } from '../../server/platform/start-error.ts';

const failure = (message: string, code?: string): Error => Object.assign(new Error(message), code ? { code } : {});

// What can't be brought about here; the others stop the real program in program.test.ts.
test.each([
  ['28000', 'no pg_hba.conf entry', /^PostgreSQL does not let us in: no pg_hba/],
  ['53300', 'too many clients', /^PostgreSQL has no connection left: too many/],
  ['57P03', 'the database system is starting up', /^PostgreSQL is starting or stopping/],
  ['EACCES', 'listen EACCES: permission denied 0.0.0.0:80', /^A permission is missing: .*:80$/],
  ['EADDRNOTAVAIL', 'listen EADDRNOTAVAIL 10.9.9.9', /NIGHTMARKET_HOST/],
  ['ENOSPC', 'write', /^The disk is full/],
  ['EROFS', 'mkdir', /can't be written to/],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND db', /^The host in DATABASE_URL can't be found: .* db$/],
  ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN db', /^The host in DATABASE_URL can't be looked up now/],
  ['EHOSTUNREACH', 'connect EHOSTUNREACH', /can't be reached/],
  ['ETIMEDOUT', 'connect ETIMEDOUT', /does not answer in time/],
  ['ECONNRESET', 'read ECONNRESET', /^A connection was cut while starting/],
])('%s is told in one line', (code, message, sentence) => {
  expect(sentenceOf(failure(message, code))).toMatch(sentence);
  expect(sentenceOf(failure(message, code))).not.toContain('\n');
});

test.each([
  ['a slow PostgreSQL', failure('timeout expired'), /^PostgreSQL does not answer in time/],
  ['one without TLS', failure('The server does not support SSL connections'), /check sslmode in DATABASE_URL/],
  ['one with a certificate of its own', failure('self-signed certificate', 'X'), /check sslmode in DATABASE_URL/],
  ['what a part says itself', new StartError('The folder is in use.'), /^The folder is in use\.$/],
])('%s is told in one line', (_what, error, sentence) => {
  expect(sentenceOf(error)).toMatch(sentence);
  expect(sentenceOf(error)).not.toContain('\n');
});

test('a bug of ours is told with its stack, and what is no error as it is', () => {
  expect(sentenceOf(new TypeError('x is not a function'))).toMatch(
    /TypeError: x is not a function\n\s+at .*start-sentence/,
  );
  expect(sentenceOf('odd')).toBe('odd');
});
