import { AppError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { postToMedia, readAnswer, reasonOfSilence, troubleOf, type MediaAddress } from '../../shared/media-call.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { MediaLog } from '../log.ts';
import {
  beatEveryMs,
  linkVerbs,
  missedBeatsMax,
  type LinkEvent,
  type PipeEnd,
  type RelayedRoom,
} from './link-verbs.ts';
import type { Starved } from './loss-watch.ts';

type Needs = {
  address: MediaAddress;
  log: MediaLog;
  nowMs: () => number;
  /** Numbers of the relays there are to be. */
  relays(): number[];
  hear(event: LinkEvent | MediaEvent): void;
  /** Called with every answer. @param starved by relay, those over which nothing comes there */
  onBeat(beat: Beat, starved: ReadonlyMap<number, Starved>): void;
  /** One answer may take so long until another connection is tried. Default 1 s. */
  beatWithinMs?: number;
  /** It is not there any more, and what it had is as good as gone: it must be given up. */
  onLost(): void;
};

/** A question of home that was answered: its number, and when it was asked. */
export type Beat = { beat: number; askedAtMs: number };
export type Edge = ReturnType<typeof createEdge>;

/** So that two of them and home can be asked in the 8 s for which gateways wait (server/features/stream/sfu.http.ts). */
const answerWithinMs = 3_000;
/** Calls of viewers under way. Beyond: RETRY; what home itself asks stands behind none of them. */
const callsMax = 1_000;
const ahead: ReadonlySet<string> = new Set(['end', 'endAll']);

/** Another media server that carries viewers for this one: whether it is there, how busy it is, and what is asked of it. */
export function createEdge({ address, log, nowMs, relays, hear, onBeat, onLost, beatWithinMs = 1_000 }: Needs) {
  const stop = new AbortController();
  let link = newLink();
  /** The link that was lost last, until the edge has heard that it is over. */
  let over: string | null = null;
  let isUp = false;
  /** That it is away is said once, until it is back. */
  let isAwaySaid = false;
  /** Why it is not up. */
  let trouble = 'it was not asked yet';
  let load: number | null = null;
  let loadPerViewer = 0;
  /** Viewers who are being opened there, and those who were since the last answer: it does not count them. */
  let coming = 0;
  let came = 0;
  let relaysSoFar = 0;
  let missed = 0;
  let isBeating = false;
  let isCounting = false;
  let underWay = 0;
  const ticking = setInterval(tick, beatEveryMs);
  void beat();

  return {
    url: address.url,
    isUp: (): boolean => isUp,
    /** Why it carries nothing, without its address; null while it does. */
    trouble: (): string | null => (isUp && load === null ? 'it has no media worker' : isUp ? null : trouble),
    /** Share of what it may carry, with all who are on their way; from 1 on it is full. Null while it can carry nothing. */
    load: (): number | null => (isUp && load !== null ? load + (coming + came) * loadPerViewer : null),
    /** Counts a viewer who is opened there; call what it returns once that is done, or has failed. */
    expect(): () => void {
      coming += 1;
      return () => {
        coming -= 1;
        came += 1;
      };
    },
    hasLink: (id: string): boolean => link.id === id,
    nextRelay: (): number => ++relaysSoFar,
    /** Has a room be seen there as it is here. Gives their end of the pipe. @throws AppError */
    async relay(relay: number, roomId: string, room: RelayedRoom): Promise<PipeEnd | null> {
      const output = await call('relay', { linkId: link.id, relay, roomId, room });
      return linkVerbs.relay.output.parse(output).pipe;
    },
    /**
     * Asks a verb of a relayed room.
     * @throws AppError of the edge; UNAVAILABLE when it can't be asked, RETRY when too much is asked at once
     */
    async ask(relay: number, verb: string, input: unknown): Promise<unknown> {
      if (underWay >= callsMax && !ahead.has(verb)) throw new AppError('RETRY', undefined, { retryAfterMs: 1_000 });
      return call(`${verb}?relay=${link.id}.${relay}`, input);
    },
    close(): void {
      clearInterval(ticking);
      stop.abort();
    },
  };

  /** Beats are counted, not time: after a standstill of this process, which says nothing of the edge, one is missed and not all. */
  function tick(): void {
    if (!isBeating) void beat();
    if (isCounting) return;
    isCounting = true;
    afterReading(() => {
      isCounting = false;
      missed += 1;
      if (missed > missedBeatsMax && isUp && !stop.signal.aborted) lose('it does not answer');
    });
  }

  async function beat(): Promise<void> {
    const { id: linkId, eventsSeen: seen } = link;
    const asking = { beat: ++link.beats, askedAtMs: nowMs() };
    isBeating = true;
    const late = new AbortController();
    const timer = setTimeout(afterReading, beatWithinMs, () => late.abort(new DOMException('late', 'TimeoutError')));
    try {
      const signal = AbortSignal.any([stop.signal, late.signal]);
      const asked = { linkId, beat: asking.beat, over, seen, relays: relays(), lastRelay: relaysSoFar };
      const answer = linkVerbs.beat.output.parse(readAnswer(await postToMedia(address, 'beat', asked, signal)));
      if (linkId === link.id && !stop.signal.aborted) follow(asking, answer);
    } catch (error) {
      // Nobody listens there: it has died, and need not be waited for.
      if (isUp && !stop.signal.aborted && isRefused(error)) lose(reasonOfSilence(error));
      else sayAway(error);
    } finally {
      clearTimeout(timer);
      isBeating = false;
    }
  }

  /** The edge has answered, whatever becomes of that here. */
  function follow(beat: Beat, answer: Heard): void {
    try {
      heard(beat, answer);
    } catch (error) {
      log.error({ err: error, edge: address.url }, 'what a further media server said can not be followed');
    }
  }

  function heard(
    beat: Beat,
    { link: state, load: measured, loadPerViewer: perViewer, starved, events, qualities }: Heard,
  ): void {
    if (state === 'over' || (isUp && state === 'new')) return lose('it has forgotten what it had');
    if (!isUp) log.info({ edge: address.url }, 'a further media server carries viewers');
    isUp = true;
    isAwaySaid = false;
    missed = 0;
    over = null;
    load = measured;
    loadPerViewer = perViewer;
    came = 0;
    for (const { number, event } of events) {
      if (number <= link.eventsSeen) continue;
      link.eventsSeen = number;
      hear(event);
    }
    for (const event of qualities) hear(event);
    onBeat(beat, new Map(starved.map(({ relay, since }) => [relay, { since }])));
  }

  function sayAway(error: unknown): void {
    if (isUp || stop.signal.aborted) return;
    trouble = troubleOf(error);
    if (isAwaySaid) return;
    isAwaySaid = true;
    log.warn({ edge: address.url, reason: reasonOfSilence(error) }, 'a further media server does not answer');
  }

  function lose(reason: string): void {
    if (isUp)
      log.warn({ edge: address.url, reason }, 'a further media server is lost: its viewers begin anew elsewhere');
    isUp = false;
    trouble = 'it does not answer';
    isAwaySaid = true;
    load = null;
    over = link.id;
    const { ended } = link;
    link = newLink();
    ended.abort();
    onLost();
  }

  async function call(path: string, input: unknown): Promise<unknown> {
    if (!isUp) throw away();
    underWay += 1;
    try {
      const signal = AbortSignal.any([stop.signal, link.ended.signal, AbortSignal.timeout(answerWithinMs)]);
      return readAnswer(await postToMedia(address, path, input, signal));
    } catch (error) {
      if (error instanceof AppError) throw error;
      // Not louder: when it is lost, all who wait for it get here at once.
      log.debug({ edge: address.url, path, reason: reasonOfSilence(error) }, 'a further media server did not answer');
      throw away();
    } finally {
      underWay -= 1;
    }
  }
}

/** Turns of the event loop in which an answer is surely read: of an idle process they pass at once, of a busy one they take their time. */
const turnsToRead = 8;

/** While this process is busy, answers lie in sockets that it has not read: an edge is judged behind them. */
function afterReading(judge: () => void, turns = turnsToRead): void {
  setImmediate(() => (turns > 1 ? afterReading(judge, turns - 1) : judge()));
}

const newLink = () => ({ id: newId(), ended: new AbortController(), eventsSeen: 0, beats: 0 });

type Heard = ReturnType<typeof linkVerbs.beat.output.parse>;

const away = (): AppError => new AppError('UNAVAILABLE', 'Media can not be had right now.', { retryAfterMs: 1_000 });

const isRefused = (error: unknown): boolean =>
  ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
