/**
 * Where to go on after signing in: `next` where it is a page of ours, else the first one. An address of somebody else's would make our
 * page a door to it, and the way to the sign-in page leads nowhere.
 */
export function ownPath(next: string | null, origin: string): string {
  const url = next !== null && URL.canParse(next, origin) ? new URL(next, origin) : null;
  if (!url || url.origin !== origin || url.pathname.startsWith('//') || url.pathname === '/sign-in') return '/';
  return url.pathname + url.search + url.hash;
}
