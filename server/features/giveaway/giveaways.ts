import type { GiveawayState } from '../../../shared/protocol/giveaway.ts';
import type { BeaconRound } from '../../../shared/raffle/beacon.ts';
import type { Bytes } from '../../../shared/raffle/bytes.ts';
import type { Frozen } from '../../../shared/raffle/proof-document.ts';
import type { Rules } from '../../../shared/raffle/rules.ts';
import type { Queryable } from '../../platform/postgres.ts';

/** What must stay secret until the draw (seed), or for ever (the other two). 32 bytes each. */
export type GiveawaySecrets = {
  seed: Bytes;
  /** Private Ed25519 key. */
  signingKey: Bytes;
  /** Entrants' salts are derived from it. */
  saltKey: Bytes;
};

/** A giveaway as the ledger has it. */
export type GiveawayRow = GiveawaySecrets & {
  giveawayId: string;
  roomId: string;
  hostId: string;
  state: GiveawayState;
  rules: Rules;
  rulesHash: string;
  entryCount: number;
  /** Null before the list is frozen. */
  frozen: Frozen | null;
  beacon: BeaconRound | null;
  /** The seed was made public by the draw. */
  revealed: boolean;
  cancelReason: string | null;
  /** Steps that the room log has. */
  told: readonly string[];
  publishedAtMs: number;
};

export type NewGiveaway = Pick<
  GiveawayRow,
  'giveawayId' | 'roomId' | 'hostId' | 'rules' | 'rulesHash' | keyof GiveawaySecrets
> & { requestKey: string; requestHash: Uint8Array };

export type ClosingGiveaway = Pick<GiveawayRow, 'giveawayId' | 'entryCount'>;

/**
 * The ledger of giveaways. A move to the next state names the state it comes from and happens once: of two workers, or
 * of one before and after a crash, only the first finds the giveaway in that state.
 */
export type GiveawayStore = {
  /**
   * Publishes, or finds what this request key published before. `check` refuses what is new by throwing; what it locks stays
   * locked until the giveaway is written.
   * @returns null when the room has `openMax` giveaways that are not over.
   * @throws AppError KEY_REUSED when the key published another giveaway.
   */
  add(
    giveaway: NewGiveaway,
    openMax: number,
    nowMs: number,
    check: (client: Queryable) => Promise<void>,
  ): Promise<GiveawayRow | null>;
  /** What this request key published before. @throws AppError KEY_REUSED when that was another giveaway. */
  published(roomId: string, requestKey: string, requestHash: Uint8Array): Promise<GiveawayRow | null>;
  find(giveawayId: string): Promise<GiveawayRow | null>;
  /** Those that are not over first, then the newest. */
  ofRoom(roomId: string, max: number): Promise<GiveawayRow[]>;
  /** Those that may be entered, or will be. */
  openIn(roomIds: readonly string[]): Promise<GiveawayRow[]>;
  /** Giveaways with a step to take: close due, frozen but not drawn, or something not told. Those that wait come behind all others. */
  due(nowMs: number, max: number): Promise<string[]>;
  /** Open giveaways that close by then, the next first, and how many entries they have by now. */
  closing(byMs: number, max: number): Promise<ClosingGiveaway[]>;
  /** published → cancelled, before the close only. */
  cancel(giveawayId: string, reason: string, nowMs: number): Promise<boolean>;
  /** published → closing, when the close has come. After this returns, no entry is added any more. */
  close(giveawayId: string, nowMs: number): Promise<void>;
  /** closing → frozen. */
  freeze(giveawayId: string, frozen: Frozen): Promise<void>;
  /** Who was there at the close, a bit for each entry; null when it was not noted. */
  present(giveawayId: string): Promise<Uint8Array | null>;
  /** Notes who was there at the close, once. */
  notePresent(giveawayId: string, present: Uint8Array): Promise<void>;
  /** Notes the beacon round, once. */
  setBeacon(giveawayId: string, beacon: BeaconRound): Promise<void>;
  /** Its next step comes at this time, and behind those that became due before. Keeps those that can't go on from keeping others. */
  wait(giveawayId: string, untilMs: number): Promise<void>;
  /** frozen → void. */
  void(giveawayId: string, nowMs: number): Promise<void>;
  markTold(giveawayId: string, step: string): Promise<void>;
};
