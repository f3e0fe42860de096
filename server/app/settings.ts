import { z } from 'zod';
import { isExecutable } from '../platform/embedded/program-on-path.ts';

/** One setting: its schema (with default), what it means, and whether its value is secret. */
export type Setting = { schema: z.ZodType; meaning: string; secret?: true };

const setting = <S extends z.ZodType>(meaning: string, schema: S) => ({ schema, meaning });
const secret = <S extends z.ZodType>(meaning: string, schema: S) => ({ schema, meaning, secret: true as const });

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
/** In digits alone: a blank would be 0 else, `0x1F90` and `1e3` numbers. */
const int = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number, in digits')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
const url = (...schemes: [string, ...string[]]) =>
  z.url({ protocol: new RegExp(`^(${schemes.join('|')})$`), error: `must be an address, ${schemes[0]}://…` });

/** Of a server that is asked by us: paths are ours, and a password in it would be in the log. */
const origin = url('https', 'http')
  .refine((text) => !URL.canParse(text) || isBare(new URL(text)), 'must have nothing behind the port, and no password')
  .transform((text) => new URL(text).origin);
const isBare = ({ username, password, pathname, search, hash }: URL): boolean =>
  pathname === '/' && [username, password, search, hash].every((part) => part === '');

const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must be two ports, as in 42000-42999')
  .transform((text) => {
    const [min, max] = text.split('-').map(Number) as [number, number];
    return { min, max };
  })
  .refine(({ min, max }) => min >= 1 && min <= max && max <= 65_535, 'must be two ports, the smaller one first');

/** Goes into a header of WHIP answers. */
const turnText = z
  .string()
  .max(200)
  .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII');

/**
 * Every setting there is, in the order of docs/configuration.md, which is generated from this table. All of Nightmarket's
 * own begin with NIGHTMARKET_, so that a misspelt one can be noticed.
 */
export const settings = {
  PORT: setting('Port of the gateway; 0 picks a free one.', int(0, 65_535).default(8080)),
  NIGHTMARKET_HOST: setting('Address the gateway listens on.', z.string().min(1).default('0.0.0.0')),
  NIGHTMARKET_PUBLIC_URL: setting(
    'Address under which people reach the gateway, for links in answers. Default: the address that each of them called.',
    url('https', 'http').optional(),
  ),
  NIGHTMARKET_ROLES: setting(
    'What this process does, separated by commas: gateway, worker, media. With media alone it needs no database, and no secret but NIGHTMARKET_MEDIA_TOKEN.',
    z
      .string()
      .default('gateway,worker,media')
      .pipe(list)
      .pipe(z.array(z.enum(['gateway', 'worker', 'media'])).min(1)),
  ),
  NODE_ENV: setting(
    '`production` refuses embedded databases and default secrets.',
    z.enum(['development', 'test', 'production']).default('development'),
  ),
  DATABASE_URL: secret('PostgreSQL 15 or newer. Default: an embedded one.', url('postgres', 'postgresql').optional()),
  REDIS_URL: secret(
    'Redis 7 or Valkey. Default: redis-server on PATH, else an embedded one.',
    url('redis', 'rediss').optional(),
  ),
  NIGHTMARKET_DATA_DIR: setting(
    'Where embedded databases and secrets live.',
    z.string().min(1).default('.nightmarket'),
  ),
  NIGHTMARKET_DATABASE_CONNECTIONS_MAX: setting(
    'PostgreSQL connections of this process, besides up to 4 for orders alone.',
    int(6, 500).default(20),
  ),
  NIGHTMARKET_LOG_LEVEL: setting(
    'pino level.',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ),
  NIGHTMARKET_TOKEN_SECRET: secret(
    'Signs access tokens; at least 32 characters, the same for all gateways. Default: made once and kept in the data folder.',
    z.string().min(32).optional(),
  ),
  NIGHTMARKET_ALLOWED_ORIGINS: setting(
    'Origins of pages that may open sockets, and read answers of the API (CORS), besides the address a page came from itself; separated by commas.',
    z
      .string()
      .default('')
      .pipe(list)
      .pipe(z.array(url('https', 'http'))),
  ),
  NIGHTMARKET_TRUSTED_PROXIES: setting(
    'Proxies in front whose X-Forwarded-For is believed: number of hops.',
    int(0, 10).default(0),
  ),
  NIGHTMARKET_OPERATORS: setting(
    'Who runs the platform: person ids (`personId` in the answer to a sign-in), separated by commas.',
    z.string().default('').pipe(list).pipe(z.array(z.uuid())),
  ),
  NIGHTMARKET_ACCESS_TOKEN_SECONDS: setting('Life of an access token.', int(30, 3_600).default(600)),
  NIGHTMARKET_SESSION_DAYS: setting('Life of a session that is not used.', int(1, 365).default(30)),
  NIGHTMARKET_JWKS_URL: setting(
    'Key set of a foreign identity provider; by https in production. Goes with the two below.',
    url('https', 'http').optional(),
  ),
  NIGHTMARKET_JWKS_ISSUER: setting('Issuer its tokens must name.', z.string().optional()),
  NIGHTMARKET_JWKS_AUDIENCE: setting('Audience its tokens must name.', z.string().optional()),
  NIGHTMARKET_STOP_SECONDS: setting('How long a graceful stop may take.', int(1, 300).default(10)),
  NIGHTMARKET_SOCKETS_MAX: setting(
    'Sockets one gateway accepts, besides 5,000 connections for requests.',
    int(1, 1_000_000).default(20_000),
  ),
  NIGHTMARKET_SOCKETS_PER_ADDRESS_MAX: setting(
    'Sockets one network address may hold on one gateway, besides 1,000 connections for requests.',
    int(1, 1_000_000).default(10_000),
  ),
  NIGHTMARKET_METRICS_TOKEN: secret(
    'Bearer token of /metrics. Default: open to all, in production closed to all.',
    z.string().min(16).optional(),
  ),
  NIGHTMARKET_WORKER_STATUS_FILE: setting(
    'Written by the set-up while it builds the mediasoup worker.',
    z.string().optional(),
  ),
  MEDIASOUP_WORKER_BIN: setting(
    'A mediasoup worker to use instead of the installed one.',
    z.string().refine(isExecutable, 'there is no program').optional(),
  ),
  NIGHTMARKET_MEDIA_LISTEN_IP: setting(
    'Address media listens on. Default: the first four of this machine, containers last, where the gateway listens on all (IPv6 too, where that is `::`), followed as networks change; every one, with an announced address.',
    z.union([z.ipv4(), z.ipv6()]).optional(),
  ),
  NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS: setting(
    'Address or host name told to players; needed behind NAT and whenever media listens on 0.0.0.0.',
    z.string().optional(),
  ),
  NIGHTMARKET_MEDIA_PORT: setting(
    'First UDP and TCP port of media; one port per worker. 0 picks free ones.',
    int(0, 65_500).default(0),
  ),
  NIGHTMARKET_MEDIA_TCP: setting(
    '`false` leaves TCP out: for networks that let no UDP through it takes TURN then. A media worker keeps up to 8,192 connections, whoever opens them: where TCP is open to the world, let the firewall limit how many one address opens.',
    flag.default(true),
  ),
  NIGHTMARKET_MEDIA_WORKERS: setting('mediasoup workers. Default: one per core.', int(1, 256).optional()),
  NIGHTMARKET_PUBLISHER_MEGABITS_MAX: setting(
    'What one publisher may send in all, Mbit/s. Encoders are told; who sends half as much again for 5 s is cut off.',
    int(1, 200).default(8),
  ),
  NIGHTMARKET_MEDIA_URL: setting(
    'Internal address of the media process on another host, for gateways; this process then carries no media. Needed as soon as there are two gateways: rooms are not shared between processes that carry media for themselves.',
    origin.optional(),
  ),
  NIGHTMARKET_MEDIA_TOKEN: secret('Shared secret of gateway and media processes.', z.string().min(32).optional()),
  NIGHTMARKET_MEDIA_EDGES: setting(
    'Internal addresses of further media processes, separated by commas, for the one that gateways know: they carry viewers once it has no room left. Each has the role media alone and the same NIGHTMARKET_MEDIA_TOKEN. Default: none, and all viewers are carried by one.',
    z
      .string()
      .default('')
      .pipe(list)
      .pipe(z.array(origin).max(32))
      .refine((urls) => new Set(urls).size === urls.length, 'must be different addresses'),
  ),
  NIGHTMARKET_MEDIA_MEGABITS_MAX: setting(
    'What this media process may send to viewers in all, Mbit/s: further ones are placed where there is more room (NIGHTMARKET_MEDIA_EDGES), and wait for a place where there is none. Somewhat less than its network carries. Default: none, and its processors are the only bound.',
    int(1, 1_000_000).optional(),
  ),
  NIGHTMARKET_MEDIA_RELAY_IP: setting(
    'Address at which this media process exchanges streams with others, which send to it directly. Default: NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS where that is an IP address, else the first address of this machine.',
    z.union([z.ipv4(), z.ipv6()]).optional(),
  ),
  NIGHTMARKET_MEDIA_RELAY_PORTS: setting(
    'UDP ports for that, as in `42000-42999`: at home one for each room and edge, at an edge one for each room. Default: any that is free.',
    portRange.optional(),
  ),
  NIGHTMARKET_ICE_SERVERS: setting(
    'STUN and TURN addresses handed to clients, separated by commas.',
    z
      .string()
      .default('')
      .pipe(list)
      .pipe(z.array(z.string().regex(/^(stun|turns?):/))),
  ),
  NIGHTMARKET_TURN_SECRET: secret(
    'Shared secret of coturn (use-auth-secret), for time-limited credentials.',
    z.string().optional(),
  ),
  NIGHTMARKET_TURN_USERNAME: setting(
    'User name at TURN servers that know no shared secret; every viewer is told it, with the password.',
    turnText.optional(),
  ),
  NIGHTMARKET_TURN_PASSWORD: secret('The password of that user.', turnText.optional()),
  NIGHTMARKET_HOLD_SECONDS: setting('How long a held order waits for payment.', int(10, 86_400).default(900)),
  NIGHTMARKET_PAYMENT_EXTENSION_SECONDS: setting(
    'What a hold that is about to end is given more: once when a payment begins, and once when one is in progress: opening a pay page uses up nothing of what a real payment needs.',
    int(0, 3_600).default(120),
  ),
  NIGHTMARKET_PAYMENT_POLL_SECONDS: setting(
    'When a payment provider has not told the outcome of a payment or a refund after so long, it is asked; then ever less often.',
    int(1, 3_600).default(60),
  ),
  NIGHTMARKET_WEBHOOK_PRIVATE_NETWORKS: setting(
    'Networks of your own that webhooks to shops may reach, also by plain http and at any port: `10.1.0.0/16`, separated by commas. Elsewhere it is https at port 443, to public addresses.',
    z
      .string()
      .default('')
      .pipe(list)
      .pipe(z.array(z.union([z.cidrv4(), z.cidrv6()]))),
  ),
  NIGHTMARKET_FREE_CANCEL_MINUTES: setting(
    'How long after paying buyers may cancel by themselves, unless the order is on its way.',
    int(0, 43_200).default(60),
  ),
  NIGHTMARKET_PAYMENT_WEBHOOK_SECRET: secret(
    'Signs payment webhooks (Standard Webhooks, whsec_…); several, separated by spaces, while the key is rotated. Default: made once and kept in the data folder.',
    z
      .string()
      .regex(
        /^whsec_[A-Za-z0-9+/]{32,}={0,2}( whsec_[A-Za-z0-9+/]{32,}={0,2})*$/,
        'must be whsec_ and at least 24 bytes in base64',
      )
      .optional(),
  ),
  NIGHTMARKET_CHAT_PER_SECOND_MAX: setting(
    'Chat messages of one room shown per second; more are left out for everybody alike, and counted.',
    int(1, 10_000).default(250),
  ),
  NIGHTMARKET_REMINDER_MINUTES: setting(
    'When subscribers are reminded of a coming show: minutes before it, separated by commas; `none`: never.',
    z
      .string()
      .default('1440,60,5')
      .transform((text) => (text === 'none' ? '' : text))
      .pipe(list)
      .pipe(z.array(int(1, 43_200)).max(10)),
  ),
  NIGHTMARKET_FRAME_MS_MIN: setting('How long a frame collects at the least, ms.', int(5, 1_000).default(25)),
  NIGHTMARKET_FRAME_MS_MAX: setting('How long a frame collects under load, ms.', int(5, 1_000).default(250)),
  NIGHTMARKET_CHAT_RETENTION_DAYS: setting('How long the archive keeps room logs.', int(1, 3_650).default(1_095)),
  NIGHTMARKET_PAGES: setting('Serve the pages from web/dist.', flag.default(true)),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type Values = { [N in SettingName]: z.output<(typeof settings)[N]['schema']> };
