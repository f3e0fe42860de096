import { AppError } from '../../../shared/errors.ts';
import type { ListedRoom, PlannedProduct, PossibleStaff, Poster, Room } from '../../../shared/protocol/room.ts';
import type { Viewer } from '../../gateway/call.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { RelationResolver } from '../../gateway/policy.ts';
import type { Position } from '../room-log/room-log.ts';
import type { createEntrance } from './entrance.ts';
import type { Presence } from './presence.socket.ts';
import type { RoomVerbs } from './room.ts';
import type { RoomRelation, Rooms } from './rooms.ts';
import type { WithViewers } from './viewers.ts';

type Needs = {
  verbs: RoomVerbs;
  rooms: Rooms;
  entrance: ReturnType<typeof createEntrance>;
  presence: Presence;
  withViewers: WithViewers;
  isKeptOut: IsKeptOut;
  hasWonIn: HasWonIn;
  planned: (productIds: readonly string[]) => Promise<PlannedProduct[]>;
  possibleStaff: (hostId: string, roomId: string, query: string) => Promise<PossibleStaff[]>;
};

/** Whether somebody may not see a room because of where they come from. */
export type IsKeptOut = (viewer: Viewer, roomId: string, network: string) => Promise<boolean>;

/** Whether somebody has won a right to buy in a room. */
export type HasWonIn = (roomId: string, personId: string) => Promise<boolean>;

export function registerRooms(
  gateway: Gateway,
  { verbs, rooms, entrance, presence, withViewers, isKeptOut, hasWonIn, planned, possibleStaff }: Needs,
): void {
  const relationsOf: RelationResolver = async (viewer, roomId, network) => {
    const relations = await rooms.relations(roomId, viewer.personId);
    const isOnlyViewer = relations.size === 1 && relations.has('viewer');
    if (isOnlyViewer && (await isKeptOut(viewer, roomId, network))) return new Set<RoomRelation>();
    // What somebody has won nobody can take from them by putting them out.
    return relations.size === 0 && (await hasWonIn(roomId, viewer.personId)) ? new Set(['winner']) : relations;
  };
  const posters = async (shows: readonly Room[]): Promise<Poster[]> => (await withViewers(shows)).map(posterOf);
  gateway.relate('room', relationsOf, ({ personId }, roomId) => rooms.whyNot(roomId, personId));

  gateway.expose('room:create', ({ personId }, show) => verbs.create(personId, show));
  gateway.expose('room:edit', ({ personId }, { roomId, ...edit }) => verbs.edit(personId, roomId, edit));
  gateway.expose('room:start', ({ personId }, { roomId }) => verbs.change(personId, roomId, 'start'));
  gateway.expose('room:pause', ({ personId }, { roomId }) => verbs.change(personId, roomId, 'pause'));
  gateway.expose('room:resume', ({ personId }, { roomId }) => verbs.change(personId, roomId, 'resume'));
  gateway.expose('room:end', ({ personId }, { roomId }) => verbs.change(personId, roomId, 'end'));
  gateway.expose('room:cancel', ({ personId }, { roomId }) => verbs.change(personId, roomId, 'cancel'));

  gateway.expose('room:get', async (_viewer, { roomId }) => (await withViewers([await rooms.get(roomId)]))[0]!);
  gateway.expose('room:products', async (_viewer, { roomId }) => ({
    products: await planned((await rooms.get(roomId)).productIds),
  }));
  gateway.exposeOpen('room:list', async (_viewer, { hostId = null, after = null, ...query }) => {
    const { rooms: listed, next } = await verbs.list({ ...query, hostId, after });
    return { rooms: await posters(listed), next };
  });
  gateway.exposeOpen('room:poster', async (_viewer, { roomId }) => {
    const room = await rooms.get(roomId);
    if (room.kind !== 'show' || room.rehearsal) throw new AppError('NOT_FOUND', 'There is no such show.');
    return (await posters([room]))[0]!;
  });
  gateway.expose('room:mine', async ({ personId }, { rows }) => ({ rooms: await verbs.mine(personId, rows) }));

  gateway.expose('room:staff', async (_viewer, { roomId }) => ({ staff: await verbs.staff(roomId) }));
  gateway.expose('room:possible-staff', async ({ personId }, { roomId, query }) => ({
    people: await possibleStaff(personId, roomId, query),
  }));
  gateway.expose('room:set-staff', async (by, { roomId, personId, role }) => {
    await verbs.setStaff(by.personId, roomId, personId, role);
    return { role };
  });

  gateway.expose('room:join', async (viewer, { roomId, position }, { socket, order }) => {
    if (!socket) throw new AppError('BAD_INPUT', 'A room is joined over a socket.');
    const { personId } = viewer;
    const checkWelcome = async () => {
      if ((await rooms.relations(roomId, personId)).has('viewer')) return;
      throw (await rooms.whyNot(roomId, personId)) ?? new AppError('FORBIDDEN');
    };
    presence.checkRooms(socket, roomId);
    const memberAt = (at: Position) => presence.enter(socket, roomId, order, at);
    return entrance.enter(roomId, { personId, position, checkWelcome, memberAt });
  });
  gateway.expose('room:leave', async (_viewer, { roomId }, { socket, order }) => ({
    left: socket ? presence.leave(socket, roomId, order) : false,
  }));
}

/** What is planned and shown for fans is not for those at the door; that there is a show, when, and how many watch it, is. */
const posterOf = (room: ListedRoom): Poster =>
  room.openTo === 'everyone' ? room : { ...room, productIds: [], pinned: null };
