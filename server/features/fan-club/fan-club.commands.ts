import type { Gateway } from '../../gateway/gateway.ts';
import type { Presence } from '../room/presence.socket.ts';
import type { FanClubs } from './fan-club.ts';
import type { FanClubStore } from './fan-clubs.ts';
import type { FanPointsStore } from './fan-points.ts';

type Needs = {
  clubs: FanClubs;
  store: FanClubStore;
  points: FanPointsStore;
  presence: Pick<Presence, 'isIn'>;
  /** Tells a show that somebody joined there. */
  joined: (clubId: string, roomId: string, person: { personId: string; name: string }) => void;
  nowMs: () => number;
};

/** Clubs that somebody is warned of when they come. */
const warnedClubsMax = 20;

export function registerFanClubs(gateway: Gateway, { clubs, store, points, presence, joined, nowMs }: Needs): void {
  gateway.expose('fan-club:get', ({ personId }, { clubId }) => clubs.get(clubId, personId));
  gateway.expose('fan-club:set', (_viewer, { clubId, ...change }) => clubs.set(clubId, change));
  gateway.expose('fan-club:open-group', (_viewer, { clubId, title }) => clubs.openGroup(clubId, title));
  gateway.expose('fan-club:close-group', (_viewer, { clubId, closed }) => clubs.closeGroup(clubId, closed));
  gateway.expose('fan-club:join', async ({ personId, name }, { clubId, roomId }, { socket }) => {
    const askedAtMs = nowMs();
    const answer = await clubs.join(clubId, personId);
    if (roomId && socket && presence.isIn(socket, roomId) && answer.outcome === 'joined') {
      // Once for each fan: who leaves and comes back is no news.
      const member = (await store.among(clubId, [personId])).get(personId);
      if (member && member.firstJoinedAtMs >= askedAtMs) joined(clubId, roomId, { personId, name });
    }
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
  gateway.expose('fan-club:warnings', async ({ personId }) => ({
    warnings: (await points.warnings(personId, warnedClubsMax)).map(({ personId: _own, ...warning }) => warning),
  }));
}
