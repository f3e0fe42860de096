/** Every page there is. The pages show them; the gateway answers 404 for any other address. */
export const pageAddresses = [
  '/',
  '/room/:roomId',
  '/offer/:offerId',
  '/studio',
  '/studio/:section',
  '/studio/:section/:roomId',
  '/orders',
  '/orders/:orderId',
  '/verify',
  '/verify/:giveawayId',
  '/sign-in',
] as const;
export type PageAddress = (typeof pageAddresses)[number];

/** The page at a path and the parts of the path it names; null where there is none. */
export function pageAt(path: string): { address: PageAddress; params: Record<string, string> } | null {
  for (const address of pageAddresses) {
    const params = matchPath(address, path);
    if (params) return { address, params };
  }
  return null;
}

/** Parts named so are ids; anything else in their place is no address of ours, and is not asked of the server. */
const idOf = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** `/room/:roomId` against `/room/0192…` → `{ roomId: '0192…' }`; null where it does not fit. */
function matchPath(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [partsOf(pattern), partsOf(path)];
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index]!;
    if (part.endsWith('Id') ? !idOf.test(value) : !part.startsWith(':') && part !== value) return null;
    if (part.startsWith(':')) found[part.slice(1)] = value;
  }
  return found;
}

const partsOf = (path: string): string[] => path.split('/').filter(Boolean);
