import type { People } from '../room/presence.socket.ts';
import type { Counters } from './counters.redis.ts';

type Needs = {
  gatewayId: string;
  counters: Pick<Counters, 'claimViewers'>;
  /** The gateways that live, as last heard. */
  alive: () => ReadonlySet<string>;
};

/** Who of the people of a room is counted by this gateway, and in which life of the claims that is so. */
export type Claimed = { ours: Set<string>; life: string };

/** `refresh`: everything is told and read again. `wasSilent`: others may have taken us for dead. */
type Round = { refresh: boolean; wasSilent: boolean };

/** People of one call; it blocks Redis for about 1 µs each. */
const claimedAtOnce = 5_000;

/** Who watches a room over several gateways is counted by the one that claimed them first. @see lua/claim-viewers.lua */
export function createClaims({ gatewayId, counters, alive }: Needs) {
  return {
    /** Claims who came since the last round, and lets go of who left. */
    async renew(roomId: string, claimed: Claimed, present: People, { refresh, wasSilent }: Round): Promise<void> {
      const released = [...claimed.ours].filter((personId) => !present.has(personId));
      const wanted = [...present.keys()].filter((personId) => wasSilent || !claimed.ours.has(personId));
      if (!refresh && released.length + wanted.length === 0) return;
      const { life } = claimed;
      await change(roomId, claimed, released, wanted);
      // Redis has forgotten who was ours.
      if (claimed.life !== life) await change(roomId, claimed, [], [...present.keys()]);
    },
    letGo: (roomId: string, claimed: Claimed): Promise<void> => change(roomId, claimed, [...claimed.ours], []),
  };

  async function change(roomId: string, claimed: Claimed, allReleased: string[], allWanted: string[]): Promise<void> {
    for (let from = 0; from === 0 || from < Math.max(allReleased.length, allWanted.length); from += claimedAtOnce) {
      const released = allReleased.slice(from, from + claimedAtOnce);
      const people = allWanted.slice(from, from + claimedAtOnce);
      const claim = { gatewayId, alive: [...alive()], released, people };
      const { life, ours } = await counters.claimViewers(roomId, claim);
      if (life !== claimed.life) claimed.ours.clear();
      claimed.life = life;
      for (const personId of [...released, ...people]) claimed.ours.delete(personId);
      for (const personId of ours) claimed.ours.add(personId);
    }
  }
}
