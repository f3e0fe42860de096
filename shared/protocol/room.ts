import { z } from 'zod';
import { Id, RequestKey, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { Currency } from '../money.ts';
import { Localized } from './catalog.ts';
import { filledLine, line, PictureUrl } from '../text.ts';
import { command, roomEvent } from './define.ts';

/**
 * Where a client stands in the log of a room. `epoch` names one life of the log: a log that was lost begins again under
 * another epoch, and offsets of different epochs can't be compared.
 */
export const Position = z.object({ epoch: z.string(), offset: z.int().nonnegative() });
export type Position = z.infer<typeof Position>;

/** One thing that happened in a room. `body` has the form of its kind, see the room events. */
export const RoomEntry = z.object({ offset: z.int().positive(), atMs: UnixMs, kind: z.string(), body: z.unknown() });
export type RoomEntry = z.infer<typeof RoomEntry>;

/** Latest values, by name: `likes`, `viewers`, `visitors`, and what features add. */
export const Aggregates = z.record(z.string(), z.union([z.number(), z.string()]));
export type Aggregates = z.infer<typeof Aggregates>;

/**
 * What happened in a room since the last frame. Covers the offsets after `from` up to `to`; of those that are neither in `entries`
 * nor counted in `omitted` there is nothing to tell. A frame that begins after the offset a client stands at means that frames were missed.
 */
export const RoomFrame = z.object({
  roomId: Id,
  epoch: z.string(),
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  atMs: UnixMs.describe('The clock of the server when the frame left.'),
  entries: z.array(RoomEntry),
  omitted: z
    .int()
    .positive()
    .optional()
    .describe('Entries left out: chat above the cap, deleted, or too much for a slow reader.'),
  aggregates: Aggregates.optional(),
  spreadMs: z
    .int()
    .nonnegative()
    .optional()
    .describe('Everybody here has to join again: wait a random part of this first, so that not all come at once.'),
});
export type RoomFrame = z.infer<typeof RoomFrame>;

/** `show`: one live show of a host. `group`: the always-open room of a fan club. */
export const RoomKind = z.enum(['show', 'group']);
export type RoomKind = z.infer<typeof RoomKind>;

export const RoomState = z.enum(['scheduled', 'live', 'paused', 'ended', 'cancelled']);
export type RoomState = z.infer<typeof RoomState>;

export const StaffRole = z.enum(['moderator', 'assistant']);
export type StaffRole = z.infer<typeof StaffRole>;

/** Somebody whom a host may ask to help. */
export const PossibleStaff = z.object({
  personId: Id,
  name: z.string(),
  helpedAs: StaffRole.nullable().describe('In the latest show of the host that they help or helped in.'),
  isFan: z.boolean().describe('A member of the fan club of the host.'),
});
export type PossibleStaff = z.infer<typeof PossibleStaff>;

/** Whom a room is open to. `fans`: members of the host's fan club; host, helpers and co-hosts always are in. */
export const OpenTo = z.enum(['everyone', 'fans']);
export type OpenTo = z.infer<typeof OpenTo>;

/** A room as everybody who may see it sees it. */
export const Room = z.object({
  roomId: Id,
  kind: RoomKind,
  hostId: Id,
  hostName: z.string(),
  title: z.string(),
  coverUrl: z.string().nullable(),
  state: RoomState,
  rehearsal: z.boolean().describe('Only host and staff see it, and nothing is sold for real.'),
  openTo: OpenTo.describe(
    'fans: others are refused with the reason fans-only, and see its poster. So it always is of a group.',
  ),
  productIds: z.array(Id).describe('What the host plans to show, in order: published products of their shop.'),
  scheduledAtMs: UnixMs.nullable().describe(
    'While it is scheduled and this has passed, the host is late; after a day it is cancelled.',
  ),
  startedAtMs: UnixMs.nullable(),
  endedAtMs: UnixMs.nullable(),
  version: z
    .int()
    .positive()
    .describe('Rises with every change. Two at once may be told in either order: the higher one is how it is.'),
});
export type Room = z.infer<typeof Room>;

/** What the host shows now, as a card of the room needs it. */
export const PinnedProduct = z.object({
  title: Localized,
  imageUrl: z.string(),
  priceMinor: z.int().nonnegative(),
  currency: Currency,
});
export type PinnedProduct = z.infer<typeof PinnedProduct>;

/** One of the products that a host plans to show. What is for sale, and at what price, is said by the offers of the room. */
export const PlannedProduct = z.object({
  productId: Id,
  title: Localized,
  imageUrl: z.string().describe('Empty when there is no picture.'),
  currency: Currency,
  fromMinor: z.int().nonnegative().describe('The lowest price of its variants in the shop.'),
  toMinor: z.int().nonnegative().describe('The highest one.'),
});
export type PlannedProduct = z.infer<typeof PlannedProduct>;

export const ListedRoom = Room.extend({ viewers: z.int().nonnegative(), pinned: PinnedProduct.nullable() });
export type ListedRoom = z.infer<typeof ListedRoom>;

/** What anybody may know of a show. Of one for fans that is not what the host plans to show, and shows. */
export const Poster = ListedRoom.describe('Of a show for fans `productIds` is empty and `pinned` null.');
export type Poster = z.infer<typeof Poster>;

const Title = filledLine(limits.roomTitleLengthMax);
const CoverUrl = PictureUrl.nullable();
const ProductIds = z.array(Id).max(limits.roomProductsMax);
const OfRoom = z.strictObject({ roomId: Id });

export const roomCommands = {
  'room:create': command({
    summary:
      'Makes a room: scheduled for a time, or to be started when the host likes. A rehearsal is seen by staff only.',
    input: z.strictObject({
      title: Title,
      coverUrl: CoverUrl.default(null),
      scheduledAtMs: UnixMs.nullable().default(null),
      productIds: ProductIds.default([]),
      rehearsal: z.boolean().default(false),
      openTo: OpenTo.default('everyone').describe('fans: the host needs a fan club, else it is refused as no-club.'),
      requestKey: RequestKey.optional(),
    }),
    output: Room,
    http: { method: 'POST', path: '/api/rooms' },
  }),
  'room:edit': command({
    summary: 'Changes title, cover, time, product list or whom it is open to; the time and that only before the start.',
    input: z.strictObject({
      roomId: Id,
      title: Title.optional(),
      coverUrl: CoverUrl.optional(),
      scheduledAtMs: UnixMs.nullable().optional(),
      productIds: ProductIds.optional(),
      openTo: OpenTo.optional().describe('Not while a giveaway of the room is not drawn: entries-open.'),
      version: z
        .int()
        .positive()
        .optional()
        .describe(
          'The one that is changed: refused when somebody else has changed it since. Without it the later change stays.',
        ),
    }),
    output: Room,
    http: { method: 'PATCH', path: '/api/rooms/:roomId' },
  }),
  // Before room:get, whose address would take "mine" for an id.
  'room:mine': command({
    summary: 'Own rooms and those one helps in, rehearsals too; newest first.',
    input: z.strictObject({ rows: z.int().min(1).max(limits.pageRowsMax).default(20) }),
    output: z.object({ rooms: z.array(Room) }),
    http: { method: 'GET', path: '/api/rooms/mine' },
  }),
  'room:get': command({
    summary: 'A room as it is now.',
    input: OfRoom,
    output: ListedRoom,
    http: { method: 'GET', path: '/api/rooms/:roomId' },
  }),
  'room:products': command({
    summary: 'What the host plans to show, in order. Products that left the shop since are left out.',
    input: OfRoom,
    output: z.object({ products: z.array(PlannedProduct) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/products' },
  }),
  'room:list': command({
    summary:
      'Live rooms (most viewers first) or coming ones (soonest first, five of a host, none more than an hour late), searched by title and host; or all of one host.',
    input: z.strictObject({
      which: z.enum(['live', 'coming', 'past']).default('live'),
      query: line(limits.searchLengthMax).default(''),
      hostId: Id.optional(),
      rows: z.int().min(1).max(limits.pageRowsMax).default(20),
      after: z
        .string()
        .regex(/^-?\d{1,17}\.-?\d{1,17}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
        .optional()
        .describe(
          'The `next` of the page before. Shows that begin and end meanwhile move no others; one that more people watch by now may be in a page that was read already.',
        ),
    }),
    output: z.object({ rooms: z.array(Poster), next: z.string().nullable().describe('Null: there are no more.') }),
    http: { method: 'GET', path: '/api/rooms' },
  }),
  'room:poster': command({
    summary: 'What stands on the door of a show: for who may not come in, and without a session.',
    input: OfRoom,
    output: Poster,
    http: { method: 'GET', path: '/api/rooms/:roomId/poster' },
  }),
  'room:start': transition('Goes live.', 'start'),
  'room:pause': transition('Pauses the show: viewers stay, and see that it is paused.', 'pause'),
  'room:resume': transition('Goes on after a pause.', 'resume'),
  'room:end': transition('Ends the show for good.', 'end'),
  'room:cancel': transition('Cancels a show that has not begun.', 'cancel'),
  'room:join': command({
    summary:
      'Enters a room, or comes back: with the position one stood at, the missed entries; without one, or when they are gone, a snapshot.',
    input: z.strictObject({ roomId: Id, position: Position.optional() }),
    output: z.object({
      position: Position.describe('Where the answer ends; the next frame begins here.'),
      recovered: z
        .boolean()
        .describe(
          'True: nothing is missing since the position sent. False: begin from the snapshot; so it is after a restart of Redis, too.',
        ),
      entries: z.array(RoomEntry).describe('Missed entries, or the recent ones of a snapshot.'),
      omitted: z.int().nonnegative(),
      snapshot: z
        .object({
          room: Room,
          parts: z.record(z.string(), z.unknown()),
          asOf: z
            .int()
            .nonnegative()
            .describe('The state has every entry up to this offset, and may be newer: only later ones change it.'),
        })
        .nullable()
        .describe('State of the room and of its features (`chat`, `offers`, ...); null when recovered.'),
      aggregates: Aggregates,
      serverNowMs: UnixMs,
    }),
  }),
  'room:leave': command({
    summary: 'Leaves a room; its frames stop.',
    input: OfRoom,
    output: z.object({ left: z.boolean() }),
  }),
  'room:staff': command({
    summary: 'Who helps in this room, and as what.',
    input: OfRoom,
    output: z.object({ staff: z.array(z.object({ personId: Id, name: z.string(), role: StaffRole })) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/staff' },
  }),
  'room:possible-staff': command({
    summary:
      'Twenty people who may be asked to help here: who helped the host before, then fans, then followers; with `query` those with it in their name.',
    input: z.strictObject({ roomId: Id, query: line(limits.searchLengthMax).default('') }),
    output: z.object({ people: z.array(PossibleStaff) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/possible-staff' },
  }),
  'room:set-staff': command({
    summary: 'Gives a person a role in this room, or takes it away with null.',
    input: z.strictObject({ roomId: Id, personId: Id, role: StaffRole.nullable() }),
    output: z.object({ role: StaffRole.nullable() }),
    http: { method: 'PUT', path: '/api/rooms/:roomId/staff/:personId' },
  }),
};

/** `closed`: only staff may be there, as in a rehearsal. `not_member`: of the fan club that the group, or the show for fans, belongs to. */
export const RemovedReason = z.enum(['kicked', 'banned', 'closed', 'not_member']);
export type RemovedReason = z.infer<typeof RemovedReason>;

export const roomNotices = {
  'room:frame': RoomFrame,
  /** One was put out of a room; its frames have stopped. */
  'room:removed': z.object({
    roomId: Id,
    reason: RemovedReason,
    untilMs: UnixMs.optional().describe('When one may come back, where that is set.'),
  }),
};

export const roomRoomEvents = {
  /** The room as it is after a change: state, title, time, products. */
  'room:changed': roomEvent('host', Room),
  'room:staff-changed': roomEvent('host', z.object({ personId: Id, role: StaffRole.nullable() })),
  /** Another device sends the picture now; the show goes on. */
  'room:stream-taken-over': roomEvent('host', z.object({})),
};

function transition(summary: string, verb: string) {
  return command({
    summary,
    input: OfRoom,
    output: Room,
    http: { method: 'POST', path: `/api/rooms/:roomId/${verb}` },
  });
}
