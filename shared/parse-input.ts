import type { z } from 'zod';
import { AppError } from './errors.ts';

type Issue = z.core.$ZodRawIssue;

/** Problems named in an answer, and values in one sentence, at the most. */
const problemsMax = 10;
const valuesMax = 12;

/** What our schemas call things, in the words of people. */
const kinds: Record<string, string> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const units: Record<string, string> = { string: 'characters', array: 'entries', set: 'entries', record: 'entries' };
const formats: Record<string, string> = {
  uuid: 'an id',
  email: 'an e-mail address',
  url: 'an address of the web',
  ipv4: 'an address of IPv4',
  ipv6: 'an address of IPv6',
};

/**
 * Says what is wrong with an input in our own words. Goes with every schema that reads what people or clients send; a schema
 * that has a message of its own keeps it.
 */
export function wordsFor(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return bound('at least', issue.origin, issue.minimum);
    case 'too_big':
      return bound('at most', issue.origin, issue.maximum);
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be ${oneOf(issue.values)}`;
    case 'unrecognized_keys':
      // Bytes have a field for each of them, and inherit more.
      if (ArrayBuffer.isView(issue.input)) return 'must be an object';
      return `has unknown fields: ${issue.keys.slice(0, valuesMax).join(', ').slice(0, 200)}`;
    case 'invalid_format':
      return formats[issue.format] ? `must be ${formats[issue.format]}` : 'does not have the expected form';
    default:
      return 'does not have the expected form';
  }
}

function bound(side: string, origin: string, limit: number | bigint): string {
  const unit = units[origin];
  return unit ? `must have ${side} ${limit} ${unit}` : `must be ${side} ${limit}`;
}

function oneOf(values: readonly unknown[]): string {
  const listed = values.slice(0, valuesMax).map((value) => JSON.stringify(value));
  return values.length === 1 ? listed[0]! : `one of ${listed.join(', ')}${values.length > valuesMax ? ', …' : ''}`;
}

/** The problems of an input, each with the field it is in. */
export const problemsOf = (error: z.ZodError): { path: string; message: string }[] =>
  error.issues.slice(0, problemsMax).map(({ path, message }) => ({ path: path.join('.'), message }));

/** The same in one sentence. */
export const problemText = (error: z.ZodError): string =>
  problemsOf(error)
    .map(({ path, message }) => (path ? `${path}: ${message}` : message))
    .join('; ');

/** Reads what somebody has sent. @throws AppError BAD_INPUT naming the fields. */
export function parseInput<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw, { error: wordsFor });
  if (parsed.success) return parsed.data;
  throw new AppError('BAD_INPUT', problemText(parsed.error), { fields: problemsOf(parsed.error) });
}
