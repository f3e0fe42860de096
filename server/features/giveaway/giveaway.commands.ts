import type { Gateway } from '../../gateway/gateway.ts';
import type { Giveaways } from './giveaway.ts';
import type { createProofs } from './proof.ts';

type Needs = { giveaways: Giveaways; proofs: ReturnType<typeof createProofs> };

export function registerGiveaways(gateway: Gateway, { giveaways, proofs }: Needs): void {
  gateway.expose('giveaway:publish', ({ personId }, input) => giveaways.publish(personId, input));
  gateway.expose('giveaway:list', (_viewer, { roomId }) => giveaways.list(roomId));
  gateway.exposeOpen('giveaway:get', (_viewer, { giveawayId }) => giveaways.get(giveawayId));
  gateway.expose('giveaway:own', ({ personId }, { giveawayId }) => giveaways.own(personId, giveawayId));
  gateway.expose('giveaway:enter', ({ personId }, input) => giveaways.enter(personId, input));
  gateway.expose('giveaway:cancel', ({ personId }, input) => giveaways.cancel(personId, input));
  gateway.expose('giveaway:wins', ({ personId }) => giveaways.wins(personId));
  gateway.expose('giveaway:claim', ({ personId }, input) => giveaways.claim(personId, input));
  gateway.expose('giveaway:winners', (_viewer, input) => giveaways.winners(input));
  gateway.exposeOpen('giveaway:inclusion', (_viewer, { giveawayId, entryNumber }) =>
    proofs.inclusion(giveawayId, entryNumber),
  );
  gateway.expose('giveaway:funnel', (_viewer, { giveawayId }) => giveaways.funnel(giveawayId));
}
