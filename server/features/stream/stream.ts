import type { CommandName, Input, Output } from '../../../shared/protocol/index.ts';
import { AppError } from '../../../shared/errors.ts';
import type { IceServer } from '../../../shared/protocol/media.ts';
import type { GatewaySocket, PublicUrl } from '../../gateway/call.ts';
import type { FloodLimit } from '../../gateway/flood-limit.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Access } from './access.ts';
import type { CoHosts } from './co-hosts.pg.ts';
import type { MutedPublishers } from './muted-publishers.pg.ts';
import type { Sfu } from './sfu.ts';
import type { SocketSession, SocketSessions } from './socket-sessions.ts';
import type { StreamKeys } from './stream-keys.pg.ts';
import type { WatchGrants } from './watch-grants.ts';

type Needs = {
  sfu: Sfu;
  access: Access;
  streamKeys: StreamKeys;
  coHosts: CoHosts;
  mutedPublishers: MutedPublishers;
  watchGrants: WatchGrants;
  sockets: SocketSessions;
  log: Pick<RoomLog, 'append'>;
  iceServers: (personId: string) => IceServer[];
  publicUrl: PublicUrl;
  /** How often, by person, a place is given back that is not theirs: each time the room is told. */
  repeatLimit: Pick<FloodLimit, 'take'>;
};
type MediaCommand = Extract<CommandName, `media:${string}`>;
type In<E extends MediaCommand> = Input<E>;

export type Stream = ReturnType<typeof createStream>;

/** Publishing and watching over a socket, stream keys, and who else may publish. */
export function createStream(needs: Needs) {
  const {
    sfu,
    access,
    streamKeys,
    coHosts,
    mutedPublishers,
    watchGrants,
    sockets,
    log,
    iceServers,
    publicUrl,
    repeatLimit,
  } = needs;

  return {
    async status(roomId: string): Promise<Output<'media:status'>> {
      const [status, { publishers }, known] = await Promise.all([
        sfu.status({}),
        sfu.publishers({ roomId }),
        coHosts.of(roomId),
      ]);
      return { ...status, publishers, ...known };
    },
    capabilities: () => sfu.capabilities({}),

    async open(personId: string, { roomId, direction }: In<'media:transport'>, socket: GatewaySocket) {
      await (direction === 'publish' ? access.toPublish(roomId, personId) : access.toWatch(roomId, personId));
      const muted = direction === 'publish' ? await mutedPublishers.of(roomId, personId) : undefined;
      const session = sockets.begin(socket, roomId);
      try {
        const { network } = socket.data;
        const transport = await sfu.open({ ...session, ownerId: personId, direction, muted, network });
        sockets.opened(session.sessionId);
        if (!socket.connected) await sfu.end({ ...session, reason: 'left' });
        return { sessionId: session.sessionId, transport, iceServers: iceServers(personId) };
      } catch (error) {
        sockets.forget(session.sessionId);
        // It may have been opened, and only its answer lost.
        sfu.end({ ...session, reason: 'left' }).catch(() => undefined);
        throw error;
      }
    },
    /** Runs a verb on a session, if it is this socket's own. */
    async onOwn<T>(socket: GatewaySocket | undefined, session: SocketSession, verb: () => Promise<T>): Promise<T> {
      sockets.check(socket, session);
      return verb();
    },
    async close(session: SocketSession) {
      sockets.forget(session.sessionId);
      await sfu.end({ ...session, reason: 'left' });
      return {};
    },

    async grantToWatch(
      personId: string,
      roomId: string,
      reachedAt: string | undefined,
    ): Promise<Output<'media:watch-grant'>> {
      await access.toWatch(roomId, personId);
      return { whepUrl: `${publicUrl(reachedAt)}/whep/${roomId}`, ...watchGrants.grant(roomId, personId) };
    },

    keyInfo: async (roomId: string) => ({ streamKey: await streamKeys.info(roomId) }),
    async makeKey(roomId: string, reachedAt: string | undefined): Promise<Output<'media:make-stream-key'>> {
      await access.open(roomId);
      const old = await streamKeys.info(roomId);
      const made = await streamKeys.make(roomId);
      if (old) await dropKey(roomId, old.keyId);
      return { ...made, whipUrl: `${publicUrl(reachedAt)}/whip/${roomId}` };
    },
    async revokeKey(roomId: string): Promise<Output<'media:revoke-stream-key'>> {
      const old = await streamKeys.info(roomId);
      const revoked = await streamKeys.revoke(roomId);
      if (old) await dropKey(roomId, old.keyId);
      return { revoked };
    },

    async invite(roomId: string, personId: string): Promise<Output<'media:invite'>> {
      const { hostId } = await access.open(roomId);
      if (personId === hostId)
        throw new AppError('CONFLICT', 'The host needs no invitation to their own room.', { reason: 'own-self' });
      await access.toBeInvited(roomId, personId);
      if (!(await coHosts.invite(roomId, personId))) return { outcome: 'full' };
      await tell(roomId);
      return { outcome: 'invited' };
    },
    async accept(roomId: string, personId: string): Promise<Output<'media:accept'>> {
      await access.open(roomId);
      if (!(await coHosts.accept(roomId, personId))) return { outcome: 'not_invited' };
      await tell(roomId);
      return { outcome: 'accepted' };
    },
    async decline(roomId: string, personId: string): Promise<Output<'media:decline'>> {
      const was = await coHosts.remove(roomId, personId);
      if (was === 'invited') await tell(roomId, personId);
      if (was === 'co-host') await takeOff(roomId, personId, 'left');
      if (was === null) await tellAgain(roomId, personId);
      return {};
    },
    /** By a sanction: whoever comes back does so as a viewer. Their sessions end with the word of it (rights-news.ts). */
    async sentAway(roomId: string, personId: string): Promise<void> {
      if (await coHosts.remove(roomId, personId)) await tell(roomId);
    },
    async mute({ roomId, personId, kind, muted }: In<'media:mute'>): Promise<Output<'media:mute'>> {
      // Noted before it is done: whoever dies in between, the publisher's next session and the rights watch find it.
      const all = await mutedPublishers.set(roomId, personId, kind, muted);
      const [{ sent }] = await bothTried(sfu.mute({ roomId, ownerId: personId, muted: all }), tell(roomId));
      return { outcome: sent.includes(kind) ? 'done' : 'not_publishing' };
    },
    async kick({ roomId, personId }: In<'media:kick'>): Promise<Output<'media:kick'>> {
      const { hostId } = await access.open(roomId);
      if (personId === hostId)
        throw new AppError('CONFLICT', 'The host can not be put out of their own room.', { reason: 'own-self' });
      await coHosts.remove(roomId, personId);
      await takeOff(roomId, personId, 'kicked');
      return {};
    },
  };

  /**
   * Whoever asks again tells it again: what was lost on the way is said by the repeated command.
   * @param declined who has said no to an invitation
   */
  function tell(roomId: string, declined?: string): Promise<void> {
    const news = declined === undefined ? {} : { declined };
    return coHosts.tell(roomId, (known) => log.append(roomId, 'media:co-hosts', { ...known, ...news }));
  }

  /**
   * For whoever gave their place back, and had no answer: it may have been a no to an invitation. Any viewer may ask, and is said to have
   * declined: whoever waits for an answer knows whom they invited.
   */
  function tellAgain(roomId: string, personId: string): Promise<void> {
    repeatLimit.take(personId);
    return tell(roomId, personId);
  }

  /** Whose right to publish is gone; what of this fails now, the rights watch does, or whoever asks again tells. */
  async function takeOff(roomId: string, personId: string, reason: 'left' | 'kicked'): Promise<void> {
    await bothTried(sfu.endAll({ roomId, ownerId: personId, direction: 'publish', reason }), tell(roomId));
  }

  /** At once; should the media server be away now, the next look at rights does it (see rights-watch.ts). */
  async function dropKey(roomId: string, keyId: string): Promise<void> {
    await sfu.endAll({ roomId, keyId, reason: 'key-revoked' }).catch(() => undefined);
  }
}

/** Waits for both, also where one fails: neither is left under way behind an answer. */
async function bothTried<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}
