import type { Redis } from 'ioredis';
import { changesChannel } from './gate.redis.ts';

/** What gates say: an offer has other terms, or ended; units of it came back. */
export type Change =
  | { kind: 'changed'; offerId: string; epoch: number }
  | { kind: 'released'; offerId: string; epoch: number; releases: number; left: number };

export type ChangeFeed = {
  onChange(listener: (change: Change) => void): void;
  /** Changes may have been missed: what was learnt before is worth nothing. Called before anything is trusted again. */
  onGap(listener: () => void): void;
  /** True while every change published more than `heardWithinMs` ago has been heard. False at first when nobody has asked for a while. */
  trusted(): boolean;
  publish(offerId: string, epoch: number): Promise<void>;
  close(): Promise<void>;
};

/** How often the subscription is asked whether it is alive, ms. */
const pingEveryMs = 100;
/** Nothing rests on the answers once nobody has asked for so long, ms; then a gateway that sells nothing does not ask ten times a second. */
const wantedMs = 10_000;
/**
 * Without an answer for so long, changes may have been missed, ms. So no gateway refuses anything because of what was true
 * longer ago.
 */
export const heardWithinMs = 500;

/**
 * Hears of changes on the subscriber connection. A reply to a ping on that same connection proves that everything published
 * before the ping has arrived; without it (connection lost, this process frozen) nothing cached may be believed.
 */
export async function createChangeFeed(subscriber: Redis, commands: Redis): Promise<ChangeFeed> {
  const listeners: ((change: Change) => void)[] = [];
  const gapListeners: (() => void)[] = [];
  let heardUpToMs = -Infinity;
  let wantedAtMs = -Infinity;
  let missedSome = false;
  let asking = false;
  let closed = false;

  const hear = (channel: string, message: string): void => {
    if (channel !== changesChannel) return;
    const change = parseChange(message);
    if (change) listeners.forEach((listener) => listener(change));
  };
  const ping = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const sentMs = performance.now();
    await subscriber.ping().finally(() => {
      asking = false;
    });
    if (missedSome) gapListeners.forEach((listener) => listener());
    missedSome = false;
    heardUpToMs = sentMs;
  };
  const distrust = (): void => {
    heardUpToMs = -Infinity;
  };
  const isWanted = (): boolean => performance.now() - wantedAtMs < wantedMs;
  /** Runs while somebody wants to know, and no longer: an idle process is not woken. */
  let timer: NodeJS.Timeout | undefined;
  const pingIfWanted = (): void => {
    if (isWanted()) return void ping().catch(distrust);
    clearInterval(timer);
    timer = undefined;
  };
  const want = (): void => {
    wantedAtMs = performance.now();
    if (timer || closed) return;
    timer = setInterval(pingIfWanted, pingEveryMs);
    pingIfWanted();
  };
  // Messages of the time without a connection are lost. ioredis subscribes again before it sends the next ping.
  const lose = (): void => {
    missedSome = true;
    distrust();
  };

  subscriber.on('message', hear);
  subscriber.on('close', lose);
  await subscriber.subscribe(changesChannel);
  await ping();

  return {
    onChange(listener) {
      listeners.push(listener);
    },
    onGap(listener) {
      gapListeners.push(listener);
    },
    trusted() {
      want();
      return performance.now() - heardUpToMs < heardWithinMs;
    },
    async publish(offerId, epoch) {
      await commands.publish(changesChannel, `changed ${offerId} ${epoch}`);
    },
    async close() {
      closed = true;
      clearInterval(timer);
      subscriber.off('message', hear);
      subscriber.off('close', lose);
      await subscriber.unsubscribe(changesChannel).catch(() => undefined);
    },
  };
}

function parseChange(message: string): Change | null {
  const [kind, offerId, epoch, releases, left] = message.split(' ');
  if (!offerId) return null;
  if (kind === 'changed') return { kind, offerId, epoch: Number(epoch) };
  if (kind === 'released')
    return { kind, offerId, epoch: Number(epoch), releases: Number(releases), left: Number(left) };
  return null;
}
