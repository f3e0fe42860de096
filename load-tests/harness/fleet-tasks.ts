import type { Deliveries, SendTimes } from './delivery-counter.ts';

/** What the main thread may ask of a thread full of sockets. Each task is answered once, with its result. */
export type FleetTasks = {
  /** Opens one socket per text; each is the JSON of its `auth`. */
  open: { input: { url: string; auths: readonly string[]; atOnceMax: number }; result: undefined };
  /** Every socket sends the command once and waits for the answer. */
  requestAll: { input: { request: RequestTemplate; atOnceMax: number }; result: Answers };
  /** The first `senders` sockets send by turns, on schedule. */
  requestOnSchedule: { input: ScheduledRequests; result: Answers };
  /** Starts counting deliveries afresh. */
  expect: { input: SendTimes; result: undefined };
  /** Resolves when this many messages have arrived since `expect`, or at the deadline with what there is. */
  deliveries: { input: { messages: number; deadlineMs: number }; result: Deliveries };
  /** How many sockets the server has closed since they were opened. */
  lost: { input: null; result: { sockets: number; reasons: string[] } };
  close: { input: null; result: undefined };
};

export type FleetTask = keyof FleetTasks;
export type FleetRequest = { [T in FleetTask]: { taskId: number; task: T; input: FleetTasks[T]['input'] } }[FleetTask];
export type FleetReply = { taskId: number; result?: unknown; error?: string };

/**
 * A command with gaps: in `input`, `{mark}` becomes the mark of the message, `{number}` its number, `{id}` a new id, `{choice}`
 * one of `choices`, by turns.
 */
export type RequestTemplate = {
  name: string;
  input: unknown;
  choices?: readonly string[];
  /** Answers are sorted by the first of these texts they contain, else they count as `other`. Default: `"ok":true`. */
  tally?: readonly string[];
};

export type ScheduledRequests = SendTimes & {
  request: RequestTemplate;
  count: number;
  senders: number;
  /** Answers that are not there this long after the last request count as `unanswered`. */
  answerDeadlineMs: number;
};

export type Answers = {
  /** How many answers of which kind; always with `unanswered`. */
  tally: Record<string, number>;
  /** From the intended time of sending to the answer. */
  latencyCounts: Float64Array;
  /** The first answer that counted as `other`: tells what is wrong. */
  firstOther: string | null;
};
