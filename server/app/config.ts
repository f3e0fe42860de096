import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import { problemText, wordsFor } from '../../shared/parse-input.ts';
import { settings, type SettingName, type Values } from './settings.ts';

/** Settings could not be read. The message names every problem at once, a line each. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`Nightmarket can't start with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

export type Config = Readonly<Values>;

/**
 * Parses all settings once. Unknown ones that begin with NIGHTMARKET_ are refused: a misspelt setting must not be a
 * silent default. Empty texts count as not set, as compose files write them.
 *
 * @throws ConfigError naming every problem.
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const problems = unknownNames(environment).map((name) => `${name}: there is no such setting`);
  const values: Record<string, unknown> = {};
  for (const [name, { schema }] of Object.entries(settings)) {
    const parsed = schema.safeParse(environment[name] === '' ? undefined : environment[name], { error: wordsFor });
    // What could not be read counts as not set in the checks below, which is no problem of its own.
    values[name] = parsed.success ? parsed.data : schema.safeParse(undefined).data;
    if (!parsed.success) problems.push(`${name}: ${wordsOf(parsed.error)}`);
  }
  const named = new Set(problems.map(nameIn));
  problems.push(...crossProblems(values as Values).filter((problem) => !named.has(nameIn(problem))));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values as Values);
}

/** Lists are counted from 1. */
const wordsOf = (error: z.ZodError): string =>
  problemText(error).replaceAll(
    /(^|; )(\d+)(?=: )/g,
    (_all, before: string, index: string) => `${before}entry ${Number(index) + 1}`,
  );

const nameIn = (problem: string): string => problem.split(':', 1)[0]!;

/** It then needs no database, and no secret but that of the link between gateways and media. */
export const isMediaAlone = ({ NIGHTMARKET_ROLES: roles }: Pick<Config, 'NIGHTMARKET_ROLES'>): boolean =>
  roles.every((role) => role === 'media');

/** What may be shown of the settings, in a log line for example. */
export function redacted(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      isSecret(name as SettingName) && value ? '[redacted]' : value,
    ]),
  );
}

const isSecret = (name: SettingName): boolean => 'secret' in settings[name];

const unknownNames = (environment: Record<string, string | undefined>): string[] =>
  Object.keys(environment).filter((name) => name.startsWith('NIGHTMARKET_') && !Object.hasOwn(settings, name));

/** Names that production must be given, but for media alone: a default there would be embedded, or known to everybody. */
const neededInProduction = [
  'DATABASE_URL',
  'REDIS_URL',
  'NIGHTMARKET_TOKEN_SECRET',
  'NIGHTMARKET_PAYMENT_WEBHOOK_SECRET',
  'NIGHTMARKET_PUBLIC_URL',
] as const satisfies SettingName[];

function productionProblems(values: Values): string[] {
  if (values.NODE_ENV !== 'production' || isMediaAlone(values)) return [];
  const problems = neededInProduction
    .filter((name) => !values[name])
    .map((name) => `${name}: must be set when NODE_ENV is production`);
  const { NIGHTMARKET_ROLES: roles, NIGHTMARKET_MEDIA_URL: url } = values;
  if (roles.includes('gateway') && !roles.includes('media') && !url)
    problems.push('NIGHTMARKET_MEDIA_URL: must be set for a gateway that does not have the role media');
  return problems;
}

/** What no setting can say of itself. */
const crossProblems = (values: Values): string[] => [
  ...productionProblems(values),
  ...providerProblems(values),
  ...mediaProblems(values),
  ...relayPortProblems(values),
  ...turnProblems(values),
  ...windowProblems(values),
];

/** Both ends of the link must know the same secret. */
function mediaProblems(values: Values): string[] {
  if (
    values.NIGHTMARKET_MEDIA_URL &&
    !values.NIGHTMARKET_ROLES.includes('gateway') &&
    values.NIGHTMARKET_ROLES.includes('media')
  )
    return ['NIGHTMARKET_MEDIA_URL: is for gateways; a process with the role media alone carries media itself'];
  const edges = values.NIGHTMARKET_MEDIA_EDGES.length > 0;
  if (edges && (values.NIGHTMARKET_MEDIA_URL || !values.NIGHTMARKET_ROLES.includes('media')))
    return ['NIGHTMARKET_MEDIA_EDGES: is for the media process that gateways know; this process carries no media'];
  const apart = edges || values.NIGHTMARKET_MEDIA_URL || !values.NIGHTMARKET_ROLES.includes('gateway');
  const carries = values.NIGHTMARKET_MEDIA_URL ?? values.NIGHTMARKET_ROLES.includes('media');
  if (!apart || !carries || values.NIGHTMARKET_MEDIA_TOKEN) return [];
  return ['NIGHTMARKET_MEDIA_TOKEN: must be set, the same for both, when media is a process of its own'];
}

/** A pipe must not take the port of a worker that is being started again. */
function relayPortProblems(values: Values): string[] {
  const { NIGHTMARKET_MEDIA_PORT: first, NIGHTMARKET_MEDIA_RELAY_PORTS: relay } = values;
  const workers = values.NIGHTMARKET_MEDIA_WORKERS ?? availableParallelism();
  if (!relay || first === 0 || relay.max < first || relay.min >= first + workers) return [];
  return ['NIGHTMARKET_MEDIA_RELAY_PORTS: must be others than those of the workers, from NIGHTMARKET_MEDIA_PORT on'];
}

function turnProblems(values: Values): string[] {
  const {
    NIGHTMARKET_TURN_SECRET: secret,
    NIGHTMARKET_TURN_USERNAME: user,
    NIGHTMARKET_TURN_PASSWORD: password,
  } = values;
  if (Boolean(user) !== Boolean(password))
    return [`NIGHTMARKET_TURN_${user ? 'PASSWORD' : 'USERNAME'}: user name and password are set together`];
  return secret && user
    ? ['NIGHTMARKET_TURN_SECRET: makes user names itself; set it, or a user name and password']
    : [];
}

function windowProblems({ NIGHTMARKET_FRAME_MS_MIN: min, NIGHTMARKET_FRAME_MS_MAX: max }: Values): string[] {
  return min > max ? ['NIGHTMARKET_FRAME_MS_MIN: must not be more than NIGHTMARKET_FRAME_MS_MAX'] : [];
}

/**
 * A key set alone would accept the tokens that a provider made for somebody else; without one nobody of the provider is let in, which a
 * misspelt line must not mean. By plain http whoever is on the way signs anybody in.
 */
function providerProblems(values: Values): string[] {
  const names = ['NIGHTMARKET_JWKS_URL', 'NIGHTMARKET_JWKS_ISSUER', 'NIGHTMARKET_JWKS_AUDIENCE'] as const;
  const given = names.find((name) => values[name]);
  if (!given) return [];
  const problems = names.filter((name) => !values[name]).map((name) => `${name}: must be set when ${given} is`);
  if (values.NODE_ENV === 'production' && values.NIGHTMARKET_JWKS_URL?.startsWith('http:'))
    problems.push('NIGHTMARKET_JWKS_URL: must be https when NODE_ENV is production');
  return problems;
}
