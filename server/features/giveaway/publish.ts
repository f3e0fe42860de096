import { AppError } from '../../../shared/errors.ts';
import { parseInput } from '../../../shared/parse-input.ts';
import { newId } from '../../../shared/ids.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import { giveawayLimits } from '../../../shared/protocol/giveaway.ts';
import { beaconMarginMs, winnersMax, Rules, hashOfRules } from '../../../shared/raffle/rules.ts';
import { firstBeaconRoundFrom } from '../../../shared/raffle/beacon.ts';
import { hexOf } from '../../../shared/raffle/bytes.ts';
import { sha256 } from '../../../shared/raffle/hash.ts';
import type { DropOffers } from '../offer/drop-offers.ts';
import type { RoomView } from '../room/rooms.ts';
import type { GiveawayRow, GiveawaySecrets, GiveawayStore } from './giveaways.ts';
import { publicKeyOf } from './receipts.ts';

type Wish = Omit<Input<'giveaway:publish'>, 'roomId'>;
type Needs = {
  store: Pick<GiveawayStore, 'add'>;
  offers: DropOffers;
  newSecrets: () => GiveawaySecrets;
  /** Fingerprint of a wish. */
  hash: (wish: unknown) => Uint8Array;
  nowMs: () => number;
};

/** The list must be frozen before the beacon round: this much on top of the rules' own margin, ms. */
const freezeMs = 20_000;
/** The seed is revealed seconds after the close, unless everything is down; then there is this long, ms. */
const revealWithinMs = 3_600_000;

/**
 * Turns what a host wishes into published rules.
 *
 * @throws AppError BAD_INPUT when the rules would contradict themselves, CONFLICT when the room is over or has too many giveaways open, KEY_REUSED when the key published another one.
 */
export function createPublish({ store, offers, newSecrets, hash, nowMs }: Needs) {
  return async function publish(room: RoomView, { requestKey, ...wish }: Wish): Promise<GiveawayRow> {
    if (room.state === 'ended' || room.state === 'cancelled') throw new AppError('CONFLICT', 'The room is over.');
    await checkPrize(offers, room.roomId, wish);
    const secrets = newSecrets();
    const rules = await rulesOf(room, wish, secrets, nowMs());
    const row = await store.add(
      {
        giveawayId: rules.giveawayId,
        roomId: room.roomId,
        hostId: room.hostId,
        rules,
        rulesHash: await hashOfRules(rules),
        ...secrets,
        requestKey,
        requestHash: hash(wish),
      },
      giveawayLimits.openPerRoomMax,
      nowMs(),
    );
    if (!row) throw new AppError('CONFLICT', `A room has at most ${giveawayLimits.openPerRoomMax} giveaways at once.`);
    return row;
  };
}

async function rulesOf(
  room: RoomView,
  wish: Omit<Wish, 'requestKey'>,
  { seed, signingKey }: GiveawaySecrets,
  nowMs: number,
): Promise<Rules> {
  const { beacon: chain, alternateCount, opensAtMs: wishedOpening, ...rest } = wish;
  const opensAtMs = Math.max(wishedOpening ?? nowMs, nowMs);
  checkWindow(opensAtMs, wish.closesAtMs, nowMs);
  const beaconFromMs = wish.closesAtMs + beaconMarginMs + freezeMs;
  return parseInput(Rules, {
    format: 'nightmarket-raffle-rules/1',
    giveawayId: newId(),
    roomId: room.roomId,
    organiser: room.hostName,
    weights: 'equal',
    method: 'hmac-sha256-lowest/1',
    seedCommitment: hexOf(await sha256(seed)),
    signingKey: publicKeyOf(signingKey),
    beacon: chain && { chain, round: firstBeaconRoundFrom(chain, beaconFromMs) },
    revealByMs: wish.closesAtMs + revealWithinMs,
    alternateCount: alternateCount ?? Math.min(wish.prizeCount, winnersMax),
    opensAtMs,
    ...rest,
  });
}

/** A right to buy is worth nothing unless its offer is there, for winners alone, with enough units for all of them. */
async function checkPrize(
  offers: DropOffers,
  roomId: string,
  { prize, prizeCount }: Pick<Wish, 'prize' | 'prizeCount'>,
): Promise<void> {
  if (prize.prize !== 'right-to-buy') return;
  const offer = await offers.find(prize.offerId);
  if (offer?.roomId !== roomId) throw new AppError('BAD_INPUT', 'prize.offerId: there is no such offer in this room.');
  if (!offer.isForRights) throw new AppError('BAD_INPUT', 'prize.offerId: the offer is not for winners alone.');
  if (offer.hasEnded) throw new AppError('CONFLICT', 'The offer has ended.');
  if (prize.units > offer.limitUnits || prize.units * prizeCount > offer.allotmentUnits)
    throw new AppError('BAD_INPUT', 'prize.units: the offer has fewer units than all winners may buy.');
}

function checkWindow(opensAtMs: number, closesAtMs: number, nowMs: number): void {
  if (closesAtMs - opensAtMs < giveawayLimits.windowMsMin)
    throw new AppError('BAD_INPUT', `A giveaway is open for ${giveawayLimits.windowMsMin} ms at the least.`);
  if (closesAtMs - nowMs > giveawayLimits.aheadMsMax)
    throw new AppError('BAD_INPUT', `A giveaway closes within ${giveawayLimits.aheadMsMax} ms.`);
}
