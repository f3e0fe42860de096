import { isIPv4 } from 'node:net';
import type { AllowsOrigin } from '../gateway/http-security.ts';
import type { Config } from './config.ts';

/**
 * Which origins may open sockets and call the API from a page: whatever address the page itself came from, our public
 * address, those in the settings, and outside production any port of this machine.
 *
 * The page's own address may be any name or scheme that leads here: a server in a home network has several, and does not know
 * what its proxy speaks. Anybody may point a name of theirs at us (DNS rebinding), which gains their page nothing: a caller is
 * known by a bearer token that lies in the storage of its own origin, never by a cookie.
 */
export function originRule(config: Config): AllowsOrigin {
  const allowed = new Set(config.NIGHTMARKET_ALLOWED_ORIGINS.map((url) => new URL(url).origin));
  if (config.NIGHTMARKET_PUBLIC_URL) allowed.add(new URL(config.NIGHTMARKET_PUBLIC_URL).origin);
  const localIsFine = config.NODE_ENV !== 'production' && !config.NIGHTMARKET_PUBLIC_URL;
  return (origin, host) => {
    const url = URL.parse(origin);
    if (!url) return false;
    return url.host === host?.toLowerCase() || allowed.has(url.origin) || (localIsFine && isLocal(url.hostname));
  };
}

/** A name that only begins like an address (127.somebody.example) is somebody's. */
const isLocal = (name: string): boolean =>
  name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
