import type { ActionDetail, ActionKind } from '../../../shared/protocol/action.ts';

export type NewAction = {
  roomId: string;
  byId: string;
  kind: Exclude<ActionKind, 'sanctioned' | 'lifted'>;
  /** To whom, or to whose line, it was done. */
  personId?: string | undefined;
  detail?: ActionDetail;
  /** For what can be done once only: noted again, it is one. */
  once?: string;
};

/**
 * Notes what host or staff did in a room, when it is done. Never throws: what is done stays done, and is noted when PostgreSQL is back, within a
 * minute. What a process that dies had not noted is not on the list.
 */
export type NoteAction = (action: NewAction) => Promise<void>;
