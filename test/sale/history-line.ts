import type { Joining } from './history-form.ts';
import { endOfWaiting, highestBetween, inLine, outOfSale, stepsOf, type Case } from './history-units.ts';

/** What a waiting list must not do: pass anybody over, let strangers grab, let people wait for what is there, or begin before a sell-out. */
export function wrongsOfTheLine(of: Case): string[] {
  const { offer, told } = of;
  const waiting = told.joinings.filter(({ offerId, answer }) => offerId === offer.offerId && answer === 'waiting');
  return waiting.flatMap((joining) => [
    ...falseWaiting(of, joining),
    ...passedOver(of, joining, waiting),
    ...grabbed(of, joining),
    ...inVain(of, joining),
  ]);
}

/** One may wait when nothing is for sale: at some instant there was none, or somebody waited already. */
function falseWaiting(of: Case, { personId, beganAtMs, endedAtMs }: Joining): string[] {
  const others = inLine(of).filter((span) => span.personId !== personId);
  const free = of.offer.supplyUnits - highestBetween([...outOfSale(of), ...others], beganAtMs, endedAtMs);
  return free > 0 ? [`${personId} was let into the line while ${free} units were for sale`] : [];
}

function passedOver({ offer, told, ledger }: Case, first: Joining, waiting: readonly Joining[]): string[] {
  const ownEndMs = endOfWaiting(first.personId, offer.offerId, told, ledger).earliestMs ?? Infinity;
  return waiting
    .filter(({ personId, beganAtMs }) => personId !== first.personId && beganAtMs > first.endedAtMs)
    .filter(({ personId }) => servedAtMs(personId, offer.offerId, ledger) < ownEndMs)
    .map(({ personId }) => `${personId} was served before ${first.personId}, who came first`);
}

const servedAtMs = (personId: string, offerId: string, { places, orders }: Case['ledger']): number => {
  const place = places.find((one) => one.personId === personId && one.offerId === offerId);
  return orders.find(({ orderId }) => orderId === place?.orderId)?.spans[0]!.fromMs ?? Infinity;
};

/** An order that was asked for after somebody had come into line, and held before their turn, by whoever does not wait. */
function grabbed({ offer, told, ledger }: Case, { personId, endedAtMs }: Joining): string[] {
  const untilMs = endOfWaiting(personId, offer.offerId, told, ledger).earliestMs ?? Infinity;
  const servedIds = new Set(ledger.places.map(({ orderId }) => orderId));
  return ledger.orders.flatMap(({ orderId, buyerId, lines, spans }) => {
    if (servedIds.has(orderId) || !lines.some(({ offerId }) => offerId === offer.offerId)) return [];
    const asked = told.attempts.find(({ answer }) => answer.outcome === 'held' && answer.orderId === orderId);
    const isBetween = asked && asked.beganAtMs > endedAtMs && spans[0]!.fromMs < untilMs;
    return isBetween ? [`${buyerId} bought while ${personId} waited`] : [];
  });
}

/** Units were free for longer than serving takes, while somebody waited for them. */
function inVain(of: Case, { personId, endedAtMs }: Joining): string[] {
  const { sale, offer, told, ledger } = of;
  const lastMs = Math.max(
    endedAtMs,
    ...told.attempts.map((one) => one.endedAtMs ?? 0),
    ...told.joinings.map((one) => one.endedAtMs),
  );
  const untilMs = endOfWaiting(personId, offer.offerId, told, ledger).earliestMs ?? lastMs;
  let [taken, freeSinceMs, longestMs] = [0, endedAtMs, 0];
  const look = (atMs: number): void => {
    const [from, to] = [Math.max(freeSinceMs, endedAtMs), Math.min(atMs, untilMs)];
    if (taken < offer.supplyUnits) longestMs = Math.max(longestMs, to - from);
  };
  for (const { atMs, units } of stepsOf(outOfSale(of))) {
    look(atMs);
    if (taken >= offer.supplyUnits) freeSinceMs = atMs;
    taken += units;
  }
  look(Infinity);
  return longestMs > sale.serveMsMax ? [`${personId} waited while units were there for ${longestMs} ms`] : [];
}
