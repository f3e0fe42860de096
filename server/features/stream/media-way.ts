import { AppError } from '../../../shared/errors.ts';
import { inTime } from '../../platform/in-time.ts';
import type { MediaSeen } from './media-seen.pg.ts';
import type { Sfu } from './sfu.ts';

type Needs = {
  sfu: Pick<Sfu, 'status'>;
  seen: MediaSeen;
  /** An answer that takes longer, ms, is none. */
  answerMsMax?: number;
};

export type MediaWay = ReturnType<typeof createMediaWay>;

export const mediaWayEveryMs = 3_500;
/** When no gateway could ask the media server for so long, nothing flows there, as far as anybody can tell. */
const goneAfterMs = 30_000;

/**
 * Whether this gateway can ask the media server. Each one tries for itself, and those that can note it for all: were it left to the
 * looks that one gateway at a time has, one without a way could keep the others from noting it, and speak for them.
 */
export function createMediaWay({ sfu, seen, answerMsMax = 2_000 }: Needs) {
  /** Tries in a row without an answer. */
  let unanswered = 0;

  return {
    async look(): Promise<void> {
      const status = await answerOf(sfu.status({}));
      unanswered = status?.state === 'ready' ? 0 : unanswered + 1;
      if (unanswered === 0) await seen.note();
    },
    /** False when it is no use to ask: a look then must not keep another gateway from its own. Once may be a standstill of this process. */
    isThere: (): boolean => unanswered < 2,
    /**
     * Nobody had it for long, and this gateway itself tried for as long: while all of them were stopped nobody looked, and that says
     * nothing.
     */
    isGone: async (): Promise<boolean> =>
      unanswered * mediaWayEveryMs >= goneAfterMs && (await seen.isLongerAgoThan(goneAfterMs)),
    answerOf,
  };

  /** Undefined when the media server can't be asked, or takes too long. */
  async function answerOf<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await inTime<T | undefined>(asked, answerMsMax, undefined);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }
}
