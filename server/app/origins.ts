import type { Config } from './config.ts';

/**
 * Which origins may open sockets and call the API from a page: our own public address, those in the settings, and outside
 * production any address of this machine.
 */
export function originRule(config: Config): (origin: string) => boolean {
  const allowed = new Set(config.NIGHTMARKET_ALLOWED_ORIGINS.map((url) => new URL(url).origin));
  if (config.NIGHTMARKET_PUBLIC_URL) allowed.add(new URL(config.NIGHTMARKET_PUBLIC_URL).origin);
  const localIsFine = config.NODE_ENV !== 'production' && !config.NIGHTMARKET_PUBLIC_URL;
  return (origin) => allowed.has(origin) || (localIsFine && isLocal(origin));
}

function isLocal(origin: string): boolean {
  const host = URL.parse(origin)?.hostname;
  return host === 'localhost' || host === '[::1]' || (host?.startsWith('127.') ?? false);
}
