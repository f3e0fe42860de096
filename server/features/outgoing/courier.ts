import { NoAnswer, type WhyNoAnswer } from './no-answer.ts';
import type { Message } from './post.ts';
import type { DueDelivery, Outbox, TryResult } from './outbox.pg.ts';
import { retryAfterSeconds } from './retry-plan.ts';

type Needs = {
  outbox: Pick<Outbox, 'claim' | 'finish'>;
  post: (message: Message, stop: AbortSignal) => Promise<number>;
  sign: (secret: string, deliveryId: string, body: string) => Record<string, string>;
  random: () => number;
  onFailure: (error: unknown) => void;
};

/** Messages one process has on their way. */
const underWayMax = 64;
const gone = 410;

export type Courier = ReturnType<typeof createCourier>;

/** Carries messages of the outbox to where they are wanted, each at least once. A slow endpoint keeps nobody else waiting. */
export function createCourier({ outbox, post, sign, random, onFailure }: Needs) {
  const underWay = new Set<Promise<void>>();
  /** Of those, how many go to each endpoint and to each shop, by their ids. */
  const busy = new Map<string, number>();
  const stop = new AbortController();

  return {
    /** Sets out with what is due; does not wait until it has arrived. */
    async round(): Promise<void> {
      if (stop.signal.aborted || underWay.size >= underWayMax) return;
      for (const delivery of await outbox.claim(underWayMax - underWay.size, busy)) setOut(delivery);
    },
    /** Breaks off what is under way; it is tried again after its lease. */
    async close(): Promise<void> {
      stop.abort();
      await Promise.all(underWay);
    },
  };

  function setOut(delivery: DueDelivery): void {
    count(delivery, 1);
    const trip = carry(delivery)
      .catch(onFailure)
      .finally(() => {
        underWay.delete(trip);
        count(delivery, -1);
      });
    underWay.add(trip);
  }

  function count({ endpointId, shopId }: DueDelivery, change: 1 | -1): void {
    for (const id of [endpointId, shopId]) {
      const now = (busy.get(id) ?? 0) + change;
      if (now > 0) busy.set(id, now);
      else busy.delete(id);
    }
  }

  async function carry(delivery: DueDelivery): Promise<void> {
    const { url, secret, deliveryId, body } = delivery;
    const headers = { 'content-type': 'application/json', ...sign(secret, deliveryId, body) };
    const answer = await post({ url, headers, body }, stop.signal).catch(whyOf);
    if (!stop.signal.aborted) await outbox.finish(delivery, resultOf(answer, delivery.tries));
  }

  function resultOf(answer: number | WhyNoAnswer, tries: number): TryResult {
    if (typeof answer === 'number' && answer >= 200 && answer < 300)
      return { outcome: 'delivered', answer: String(answer) };
    const againInSeconds = retryAfterSeconds(tries, random());
    const inTime = answer !== 'no answer in time';
    return { outcome: 'failed', answer: String(answer), againInSeconds, gone: answer === gone, inTime };
  }
}

function whyOf(error: unknown): WhyNoAnswer {
  if (error instanceof NoAnswer) return error.why;
  throw error;
}
