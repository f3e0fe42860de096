import type { CommandName, Input, Output } from '../../../shared/protocol/index.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CoHostsTold, IceServer } from '../../../shared/protocol/media.ts';
import type { GatewaySocket, PublicUrl } from '../../gateway/call.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { NoteAction } from '../actions/actions.ts';
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
  tellPerson: TellPerson;
  note: NoteAction;
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
    tellPerson,
    note,
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
    restartIce: async (personId: string, session: SocketSession): Promise<Output<'media:restart-ice'>> => ({
      ...(await sfu.restartIce(session)),
      iceServers: iceServers(personId),
    }),
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

    async invite(byId: string, roomId: string, personId: string): Promise<Output<'media:invite'>> {
      const { hostId } = await access.open(roomId);
      if (personId === hostId)
        throw new AppError('CONFLICT', 'The host needs no invitation to their own room.', { reason: 'own-self' });
      await access.toBeInvited(roomId, personId);
      const known = (await coHosts.of(roomId)).coHosts;
      if (!(await coHosts.invite(roomId, personId))) return { outcome: 'full' };
      await tell(roomId);
      tellPerson(personId, 'media:invited', { roomId });
      if (!known.some((one) => one.personId === personId))
        await note({ roomId, byId, kind: 'co-host-invited', personId });
      return { outcome: 'invited' };
    },
    async accept(roomId: string, personId: string): Promise<Output<'media:accept'>> {
      await access.open(roomId);
      if (!(await coHosts.accept(roomId, personId))) return { outcome: 'not_invited' };
      await tell(roomId);
      return { outcome: 'accepted' };
    },
    async decline(roomId: string, personId: string): Promise<Output<'media:decline'>> {
      // A no that nobody heard is none: whoever says it again is the same as they were.
      const was = await coHosts.giveBack(roomId, personId, (known, before) =>
        append(roomId, before === 'invited' ? { ...known, declined: personId } : known),
      );
      if (was === 'co-host') await endPublishing(roomId, personId, 'left');
      return {};
    },
    /** By a sanction: whoever comes back does so as a viewer. Their sessions end with the word of it (rights-news.ts). */
    async sentAway(roomId: string, personId: string): Promise<void> {
      if (await coHosts.remove(roomId, personId)) await tell(roomId);
    },
    async mute(byId: string, { roomId, personId, kind, muted }: In<'media:mute'>): Promise<Output<'media:mute'>> {
      // Kept before it is done: whoever dies in between, the publisher's next session and the rights watch find it.
      const { all, isChanged } = await mutedPublishers.set(roomId, personId, kind, muted);
      const act = {
        roomId,
        byId,
        personId,
        kind: `publisher-${muted ? '' : 'un'}muted`,
        detail: { media: kind },
      } as const;
      const noted = isChanged ? note(act) : undefined;
      const [{ sent }] = await bothTried(sfu.mute({ roomId, ownerId: personId, muted: all }), tell(roomId));
      await noted;
      return { outcome: sent.includes(kind) ? 'done' : 'not_publishing' };
    },
    async kick(byId: string, { roomId, personId }: In<'media:kick'>): Promise<Output<'media:kick'>> {
      const { hostId } = await access.open(roomId);
      if (personId === hostId)
        throw new AppError('CONFLICT', 'The host can not be put out of their own room.', { reason: 'own-self' });
      const was = await coHosts.remove(roomId, personId);
      const noted = was ? note({ roomId, byId, kind: 'co-host-removed', personId }) : undefined;
      await bothTried(endPublishing(roomId, personId, 'kicked'), tell(roomId));
      await noted;
      return {};
    },
  };

  /** Whoever asks again tells it again: what was lost on the way is said by the repeated command. */
  function tell(roomId: string): Promise<void> {
    return coHosts.tell(roomId, (known) => append(roomId, known));
  }

  function append(roomId: string, told: CoHostsTold): Promise<unknown> {
    return log.append(roomId, 'media:co-hosts', told);
  }

  /** Whose right to publish is gone; what of this fails now, the rights watch does. */
  function endPublishing(roomId: string, personId: string, reason: 'left' | 'kicked'): Promise<unknown> {
    return sfu.endAll({ roomId, ownerId: personId, direction: 'publish', reason });
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
