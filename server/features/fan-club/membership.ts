/** Looks many people up at once, in the ledger. */
export type Members = {
  /** Of these people, those who are members now: level, and when they first became one, Unix ms. A return does not change it. */
  among(hostId: string, personIds: readonly string[]): Promise<Map<string, { level: number; firstJoinedAtMs: number }>>;
};

/** Who belongs to a host's fan club, and how high. */
export type Membership = {
  /** Level 1 to 20, from a short-lived cache; null when the person is not a member. */
  levelOf(hostId: string, personId: string): Promise<number | null>;
};
