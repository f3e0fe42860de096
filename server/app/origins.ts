import type { AllowsOrigin } from '../gateway/http-security.ts';
import type { Config } from './config.ts';

/**
 * Which origins may open sockets and call the API from a page: whatever address the page itself came from, our public
 * address, those in the settings, and outside production any port of this machine.
 */
export function originRule(config: Config): AllowsOrigin {
  const allowed = new Set(config.NIGHTMARKET_ALLOWED_ORIGINS.map((url) => new URL(url).origin));
  if (config.NIGHTMARKET_PUBLIC_URL) allowed.add(new URL(config.NIGHTMARKET_PUBLIC_URL).origin);
  const localIsFine = config.NODE_ENV !== 'production' && !config.NIGHTMARKET_PUBLIC_URL;
  return (origin, host) => {
    const url = URL.parse(origin);
    if (!url) return false;
    return url.host === host?.toLowerCase() || allowed.has(origin) || (localIsFine && isLocal(url.hostname));
  };
}

const isLocal = (name: string): boolean => name === 'localhost' || name === '[::1]' || name.startsWith('127.');
