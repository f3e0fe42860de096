/** Who follows whom. */
export type Follows = {
  /** Since when (Unix ms) the person follows the host; null when they don't. */
  sinceMs(hostId: string, personId: string): Promise<number | null>;
};
