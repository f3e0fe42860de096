/** Looks many people up at once. */
export type Followers = {
  /** Of these people, those who follow the host, and since when, Unix ms. */
  among(hostId: string, personIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
};

/** Who follows whom. */
export type Follows = {
  /** Since when (Unix ms) the person follows the host; null when they don't. */
  sinceMs(hostId: string, personId: string): Promise<number | null>;
};

/** For how long somebody has followed, by the clock that all gateways share. */
export type FollowAges = {
  /** ms; null when the person does not follow the host. */
  ageMs(hostId: string, personId: string): Promise<number | null>;
};
