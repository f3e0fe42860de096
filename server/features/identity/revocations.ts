/** How often each gateway asks which sessions were ended; revocation takes effect within this plus a query. */
export const revocationPollMs = 2_000;

export type Revocations = ReturnType<typeof createRevocations>;

/** The longest life that settings allow: tokens of before a setting was lowered, or of another gateway, live as long. */
const longestTokenSeconds = 3_600;

/**
 * Sessions ended recently, kept in memory by each gateway until the last access token of theirs has expired.
 *
 * Asked from PostgreSQL by polling rather than told by a message: a message can be lost, a row can't.
 */
export function createRevocations(needs: {
  revokedWithin: (seconds: number) => Promise<string[]>;
  accessTokenSeconds: number;
}) {
  let revoked: ReadonlySet<string> = new Set();
  let tell: (sessionIds: ReadonlySet<string>) => void = () => undefined;

  return {
    /** Calls `listener` with the sessions that were ended since the last look. One listener: the gateway. */
    onRevoked(listener: typeof tell): void {
      tell = listener;
    },
    has: (sessionId: string): boolean => revoked.has(sessionId),
    async refresh(): Promise<void> {
      const now = new Set(await needs.revokedWithin(Math.max(needs.accessTokenSeconds, longestTokenSeconds) + 60));
      const fresh = new Set([...now].filter((sessionId) => !revoked.has(sessionId)));
      revoked = now;
      if (fresh.size > 0) tell(fresh);
    },
  };
}
