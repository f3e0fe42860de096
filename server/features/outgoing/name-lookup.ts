import { Resolver } from 'node:dns/promises';

/** The addresses of a name, IPv4 first; empty when it has none. Ends early when `stop` says so. */
export type NameLookup = (name: string, stop: AbortSignal) => Promise<string[]>;

/**
 * Asks the name servers of the system themselves. The system's own lookup is not used: it has no deadline, can't be stopped, and
 * waits on the four threads that files and passwords need too.
 *
 * @param servers  name servers instead of the system's, as `address:port`.
 */
export function createNameLookup(servers?: readonly string[]): NameLookup {
  return async (name, stop) => {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    if (servers) resolver.setServers(servers);
    const cancel = (): void => resolver.cancel();
    stop.addEventListener('abort', cancel, { once: true });
    try {
      const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      return found.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    } finally {
      stop.removeEventListener('abort', cancel);
    }
  };
}
