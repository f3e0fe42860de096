/** Somebody was kept out of a room by those who run it. `untilMs` null: still is. Unix ms. */
export type PutOut = { personId: string; fromMs: number; untilMs: number | null };

export type PutOuts = {
  /** Who was kept out of a room at some time since then, by person and then by time. */
  since(room: { hostId: string; roomId: string }, sinceMs: number): Promise<PutOut[]>;
};
