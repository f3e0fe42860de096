import type { Gateway } from '../../gateway/gateway.ts';
import type { FanClubs } from './fan-club.ts';
import type { FanClubStore } from './fan-clubs.ts';
import type { FanPointsStore } from './fan-points.ts';
import type { Membership } from './membership.ts';

type Needs = {
  clubs: FanClubs;
  store: FanClubStore;
  points: FanPointsStore;
  membership: Membership;
  /** Tells a show that somebody joined there. */
  joined: (clubId: string, roomId: string, name: string) => void;
};

export function registerFanClubs(gateway: Gateway, { clubs, store, points, membership, joined }: Needs): void {
  gateway.expose('fan-club:get', ({ personId }, { clubId }) => clubs.get(clubId, personId));
  gateway.expose('fan-club:set', (_viewer, { clubId, ...change }) => clubs.set(clubId, change));
  gateway.expose('fan-club:open-group', (_viewer, { clubId, title }) => clubs.openGroup(clubId, title));
  gateway.expose('fan-club:join', async ({ personId, name }, { clubId, roomId }) => {
    if (!roomId) return clubs.join(clubId, personId);
    const isNew = (await membership.levelOf(clubId, personId)) === null;
    const answer = await clubs.join(clubId, personId);
    if (answer.outcome === 'joined' && isNew) joined(clubId, roomId, name);
    return answer;
  });
  gateway.expose('fan-club:leave', async ({ personId }, { clubId }) => ({ left: await clubs.leave(clubId, personId) }));
  gateway.expose('fan-club:members', async (_viewer, { clubId, rows, after }) => ({
    members: await store.members(clubId, rows, after ?? null),
  }));
  gateway.expose('fan-club:requests', async (_viewer, { clubId, rows }) => ({
    requests: await store.requests(clubId, rows),
  }));
  gateway.expose('fan-club:decide', async (_viewer, { clubId, personId, accept }) => ({
    outcome: await clubs.decide(clubId, personId, accept),
  }));
  gateway.expose('fan-club:points', async ({ personId }, { clubId, rows }) => ({
    rows: await points.rows(clubId, personId, rows),
  }));
}
