export type RoomState = 'scheduled' | 'live' | 'paused' | 'ended' | 'cancelled';

/** What other features may know about a room. */
export type RoomView = {
  roomId: string;
  hostId: string;
  title: string;
  state: RoomState;
  /** Nobody but host and staff sees it, and nothing is sold for real. */
  rehearsal: boolean;
};

/** Looks rooms up. Relations of a viewer to a room are asked by policy rules: room.host, room.moderator, room.assistant, room.viewer. */
export type Rooms = {
  /** From a short-lived cache that room events invalidate. @throws AppError NOT_FOUND. */
  get(roomId: string): Promise<RoomView>;
  /** Rooms of a host that are live or paused now. */
  liveOf(hostId: string): Promise<RoomView[]>;
};
