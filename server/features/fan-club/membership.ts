/** Who belongs to a host's fan club, and how high. */
export type Membership = {
  /** Level 1 to 20, from a short-lived cache; null when the person is not a member. */
  levelOf(hostId: string, personId: string): Promise<number | null>;
};
