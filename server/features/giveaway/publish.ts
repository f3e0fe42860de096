import { AppError } from '../../../shared/errors.ts';
import { parseInput } from '../../../shared/parse-input.ts';
import { newId } from '../../../shared/ids.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import { giveawayLimits } from '../../../shared/protocol/giveaway.ts';
import { beaconMarginMs, winnersMax, Rules, hashOfRules } from '../../../shared/raffle/rules.ts';
import { firstBeaconRoundFrom } from '../../../shared/raffle/beacon.ts';
import { hexOf } from '../../../shared/raffle/bytes.ts';
import { sha256 } from '../../../shared/raffle/hash.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { Queryable } from '../../platform/postgres.ts';
import type { DropOffer, DropOffers } from '../offer/drop-offers.ts';
import type { RoomView } from '../room/rooms.ts';
import type { DropPromises } from './drop-promises.ts';
import type { GiveawayRow, GiveawaySecrets, GiveawayStore } from './giveaways.ts';
import { publicKeyOf } from './receipts.ts';

type Wish = Omit<Input<'giveaway:publish'>, 'roomId'>;
type Needs = {
  store: Pick<GiveawayStore, 'add' | 'published'>;
  offers: DropOffers;
  promises: DropPromises;
  hasClub: (hostId: string) => Promise<boolean>;
  newSecrets: () => GiveawaySecrets;
  /** Fingerprint of a wish. */
  hash: (wish: unknown) => Uint8Array;
  nowMs: () => number;
};

/** What is said of a giveaway that asks for no purchase, when its host says nothing. */
const noPurchase = 'No purchase necessary.';
/** The list must be frozen before the beacon round: this much on top of the rules' own margin, ms. */
const freezeMs = 20_000;
/** The seed is revealed seconds after the close, unless everything is down; then there is this long, ms: a night without the server voids nothing. */
const revealWithinMs = 86_400_000;

/**
 * Turns what a host wishes into published rules.
 *
 * @throws AppError BAD_INPUT when the rules would contradict themselves, CONFLICT when the room is over or has too many giveaways open, KEY_REUSED when the key published another one.
 */
export function createPublish({ store, offers, promises, hasClub, newSecrets, hash, nowMs }: Needs) {
  return async function publish(room: RoomView, { requestKey, ...wish }: Wish): Promise<GiveawayRow> {
    const requestHash = hash(wish);
    // Asked again after its window has passed, too: what was published is the answer.
    const known = await store.published(room.roomId, requestKey, requestHash);
    if (known) return known;
    // A draw is real wherever it is made: its rules and proof are for everybody, and who runs a show, which is all who are here, wins nothing.
    if (room.rehearsal) throw new AppError('CONFLICT', 'Nothing is drawn in a rehearsal.', { reason: 'rehearsal' });
    if (isOver(room)) throw new AppError('CONFLICT', 'The room is over.', { reason: 'room-over' });
    checkTasks(room, wish);
    if (asksForClub(wish) && !(await hasClub(room.hostId)))
      throw new AppError('CONFLICT', 'The host has no fan club: open it first.', { reason: 'no-club' });
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
        requestHash,
      },
      giveawayLimits.openPerRoomMax,
      nowMs(),
      (client) => checkPrize(client, room.roomId, wish),
    );
    if (!row)
      throw new AppError('CONFLICT', `A room has at most ${giveawayLimits.openPerRoomMax} giveaways at once.`, {
        reason: 'too-many',
      });
    return row;
  };

  /** A right to buy is worth nothing unless its offer is there, for winners alone, with units that nobody else was promised. */
  async function checkPrize(
    client: Queryable,
    roomId: string,
    { prize, prizeCount }: Pick<Wish, 'prize' | 'prizeCount'>,
  ): Promise<void> {
    if (prize.prize !== 'right-to-buy') return;
    const { offerId, units } = prize;
    const offer = await offers.lock(client, offerId);
    if (offer?.roomId !== roomId)
      throw new AppError('BAD_INPUT', 'prize.offerId: there is no such offer in this room.');
    assertTerms(offer, prize);
    const freeUnits = offer.unsoldUnits - (await promises.unitsOf(client, { roomId, offerId }));
    if (units > offer.limitUnits || units * prizeCount > freeUnits)
      throw new AppError('BAD_INPUT', 'prize.units: the offer has fewer units than all winners may buy.');
  }
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
    regionNote: rest.regionNote ?? noPurchase,
  });
}

/** What would be impossible to do, or a lie to say. */
function checkTasks(room: RoomView, { tasks, regionNote }: Pick<Wish, 'tasks' | 'regionNote'>): void {
  const asks = (name: string): boolean => tasks.some(({ task }) => task === name);
  if (asks('watch') && room.kind === 'group')
    throw new AppError('BAD_INPUT', 'tasks: there is nothing to watch in a fan group.');
  if (asks('bought-in-room') && (regionNote === undefined || regionNote === '' || regionNote === noPurchase))
    throw new AppError(
      'BAD_INPUT',
      'regionNote: say where a giveaway that asks for a purchase is open, and what the law asks.',
    );
}

/** Points are those of the club, and its levels are. */
const asksForClub = ({ prize, tasks }: Pick<Wish, 'prize' | 'tasks'>): boolean =>
  prize.prize === 'points' || tasks.some(({ task }) => task === 'fan-club');

function assertTerms(offer: DropOffer, prize: { priceMinor: number; currency: string }): void {
  if (!offer.isForRights) throw new AppError('BAD_INPUT', 'prize.offerId: the offer is not for winners alone.');
  if (!offer.isOpen) throw new AppError('CONFLICT', 'The offer is not open.', { reason: 'offer-not-open' });
  if (offer.endsByItself) throw new AppError('BAD_INPUT', 'prize.offerId: the offer ends by itself.');
  if (prize.priceMinor !== offer.priceMinor || prize.currency !== offer.currency)
    throw new AppError('BAD_INPUT', 'prize.priceMinor: the offer has another price.');
}

function checkWindow(opensAtMs: number, closesAtMs: number, nowMs: number): void {
  if (closesAtMs - opensAtMs < giveawayLimits.windowMsMin)
    throw new AppError('BAD_INPUT', `A giveaway is open for ${giveawayLimits.windowMsMin} ms at the least.`);
  if (closesAtMs - nowMs > giveawayLimits.aheadMsMax)
    throw new AppError('BAD_INPUT', `A giveaway closes within ${giveawayLimits.aheadMsMax} ms.`);
}
