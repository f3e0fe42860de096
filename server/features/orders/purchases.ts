/** Who has bought what: paid and not given back. For features that reward or ask for it. */
export type Purchases = {
  /** Whether somebody has a paid order from any room of a host of which something stayed paid. Rehearsals are none. */
  boughtFrom(hostId: string, personId: string): Promise<boolean>;
  /** Of these people, those who have such an order of the room. */
  buyersAmong(roomId: string, personIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Of these people, those who have a paid order of the room that they made since the instant given for them, Unix ms. */
  buyersSince(roomId: string, people: readonly { personId: string; sinceMs: number }[]): Promise<ReadonlySet<string>>;
  /** Null when there is no such order. */
  standingOf(orderId: string): Promise<OrderStanding | null>;
};

export type OrderStanding = {
  roomId: string;
  buyerId: string;
  /** What is paid of its lines, without what went back or is on its way back; 0 when not paid, and in a rehearsal. */
  keptMinor: number;
};
