import { createFloodLimit } from '../../gateway/flood-limit.ts';
import type { PublicUrl } from '../../gateway/call.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { Platform } from '../../platform/platform.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Snapshots } from '../room/snapshots.ts';
import { createAccess } from './access.ts';
import { createCoHosts } from './co-hosts.pg.ts';
import { createExpectedCoHosts } from './expected-co-hosts.ts';
import { iceServersFor, type IceSettings } from './ice-servers.ts';
import { registerMedia } from './media.commands.ts';
import { catchUpEveryMs, createMediaEvents, type StreamWatch } from './media-events.ts';
import { hearRightsNews } from './rights-news.ts';
import { createRightsWatch, rightsWatchEveryMs } from './rights-watch.ts';
import { createMediaSeen } from './media-seen.pg.ts';
import { createMediaWay, mediaWayEveryMs } from './media-way.ts';
import { createMutedPublishers } from './muted-publishers.pg.ts';
import { createPublishersTold } from './publishers-told.pg.ts';
import type { Sfu } from './sfu.ts';
import { createSocketSessions } from './socket-sessions.ts';
import { createStreamReconciling, reconcileEveryMs } from './stream-reconciling.ts';
import { createStream } from './stream.ts';
import { createStreamKeys } from './stream-keys.pg.ts';
import { createTellPublishers } from './tell-publishers.ts';
import { createWatchGrants } from './watch-grants.ts';
import { registerWhip } from './whip.routes.ts';

type Needs = {
  sfu: Sfu;
  rooms: Rooms;
  snapshots: Pick<Snapshots, 'add'>;
  watch: StreamWatch;
  roomLog: ReturnType<typeof createRoomLogFeature>;
  /** Signs watch grants; the same for all gateways. */
  grantSecret: string;
  ice: IceSettings;
  publicUrl: PublicUrl;
  tell: TellPerson;
  note: NoteAction;
};

/** Sessions one address may ask for over HTTP: a steady rate, and a burst for many viewers behind one address. */
const offersMax = { perSecond: 20, burst: 200 };
/** And what it may tell of them: some candidates each, and that they end. */
const changesMax = { perSecond: 100, burst: 1_000 };

export function createStreamFeature(platform: Platform, needs: Needs) {
  const { db, log, nowMs, lifecycle } = platform;
  const { sfu, rooms, snapshots, watch, roomLog, grantSecret, ice, publicUrl, tell, note } = needs;
  const streamKeys = createStreamKeys(db);
  const expected = createExpectedCoHosts({ coHosts: createCoHosts(db, nowMs), onEntry: roomLog.onEntry, nowMs });
  const { coHosts } = expected;
  const mutedPublishers = createMutedPublishers(db);
  const access = createAccess({ rooms, coHosts });
  const watchGrants = createWatchGrants({ secret: grantSecret, nowMs });
  const sockets = createSocketSessions(sfu);
  const iceServers = (personId: string) => iceServersFor(personId, ice, nowMs());
  const stream = createStream({
    sfu,
    access,
    streamKeys,
    coHosts,
    mutedPublishers,
    watchGrants,
    sockets,
    log: roomLog.log,
    iceServers,
    publicUrl,
    tellPerson: tell,
    note,
  });
  snapshots.add('coHosts', coHosts.of);

  return {
    sentAway: stream.sentAway,
    isCoHost: expected.has,
    /** What of this fails, the rights watch does. */
    endMedia(roomId: string, personId: string): void {
      sfu
        .endAll({ roomId, ownerId: personId, reason: 'not-allowed' })
        .catch((error: unknown) => log.debug({ err: error, roomId }, 'sessions are left to the rights watch'));
    },
    register(gateway: Gateway): void {
      registerMedia(gateway, stream, sfu);
      const floodLimit = createFloodLimit({ ...offersMax, nowMs });
      const changeLimit = createFloodLimit({ ...changesMax, nowMs });
      registerWhip(gateway, {
        sfu,
        access,
        streamKeys,
        mutedPublishers,
        watchGrants,
        iceServers,
        publicUrl,
        floodLimit,
        changeLimit,
      });
      const told = createPublishersTold(db);
      const tellPublishers = createTellPublishers({ rooms, roomLog: roomLog.log, told });
      const events = createMediaEvents({
        sfu,
        sockets,
        streamKeys,
        rooms,
        watch,
        tellPublishers,
        roomLog: roomLog.log,
        log,
      });
      const stopHearing = sfu.listen(events.hear);
      lifecycle.onClose('media events', () => {
        stopHearing();
        return events.settled();
      });
      platform.every({ name: 'missed ends', everyMs: catchUpEveryMs, role: 'gateway', run: events.catchUp });
      hearRightsNews({ sfu, rooms, roomLog, log });
      const way = createMediaWay({ sfu, seen: createMediaSeen(db) });
      platform.every({ name: 'media way', everyMs: mediaWayEveryMs, role: 'gateway', run: way.look });
      // By a gateway: a process for other work may not know where media is.
      platform.every({
        name: 'media rights',
        everyMs: rightsWatchEveryMs,
        role: 'gateway',
        exclusive: true,
        run: createRightsWatch({ sfu, way, access, streamKeys, mutedPublishers }),
      });
      const reconcile = createStreamReconciling({ sfu, rooms, watch, told, way, tellPublishers });
      platform.every({ name: 'streams', everyMs: reconcileEveryMs, role: 'gateway', exclusive: true, run: reconcile });
    },
  };
}
