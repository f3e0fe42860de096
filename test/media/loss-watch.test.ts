import { expect, test } from 'vitest';
import { createLossWatch } from '../../media/edges/loss-watch.ts';

// A pipe between two hosts, at whose other end nothing comes any more: lost on the way, or never sent?

const beatEveryMs = 400;
/** The edge says so after two beats without a packet. */
const starvedAfterBeats = 2;

/**
 * Both ends over 20 beats, what is sent between one beat and the next arriving at once, or never.
 *
 * @param sent bytes between beats n - 1 and n
 * @param isHeard whether home hears the answer of beat n
 * @returns the beat with which home takes the pipe for broken
 */
function brokenWith(
  sent: (n: number) => number,
  arrives: (n: number) => boolean,
  isHeard: (n: number) => boolean = () => true,
): number | null {
  const loss = createLossWatch();
  let [bytes, since] = [0, 0];
  for (let beat = 1; beat <= 20; beat++) {
    const askedAtMs = beat * beatEveryMs;
    bytes += sent(beat);
    if (sent(beat) > 0 && arrives(beat)) since = beat;
    if (!isHeard(beat)) continue;
    const isStarved = beat - since >= starvedAfterBeats;
    if (isStarved && loss.isLost({ since }, askedAtMs)) return beat;
    loss.sampled({ beat, bytes, atMs: askedAtMs + 5 });
  }
  return null;
}

const show = () => 60_000;
const hush = () => 40;
const all = () => true;
const until = (last: number) => (n: number) => n <= last;

test('what a show sends and does not arrive is known with the first word of the other end', () => {
  expect(brokenWith(show, until(5))).toBe(5 + starvedAfterBeats);
  // From the first packet on.
  expect(brokenWith(show, () => false)).toBeLessThanOrEqual(1 + starvedAfterBeats);
  // Sounds of silence alone: a beat later.
  expect(brokenWith(hush, until(5))).toBe(5 + starvedAfterBeats + 1);
});

test('where nothing is sent, or little is lost, nothing is broken', () => {
  for (const stopsWith of [4, 5, 6, 7]) {
    expect(brokenWith((n) => (n <= stopsWith ? show() : 0), all)).toBeNull();
    const pauses = (n: number): number => (n <= stopsWith || n > stopsWith + 6 ? show() : 0);
    expect(brokenWith(pauses, all)).toBeNull();
    // One packet is lost, and the next comes two beats later.
    const rare = (n: number): number => (n % 2 === stopsWith % 2 ? 1_300 : 0);
    expect(brokenWith(rare, (n) => n !== stopsWith + 2)).toBeNull();
  }
});

test('beats that home does not hear make no silence a loss', () => {
  for (const unheard of [[6], [6, 7], [5, 6, 7], [4, 6, 8]]) {
    const isHeard = (n: number): boolean => !unheard.includes(n);
    for (const stopsWith of [3, 4, 5, 6, 7, 8])
      expect(brokenWith((n) => (n <= stopsWith ? show() : 0), all, isHeard)).toBeNull();
    expect(brokenWith(show, until(5), isHeard)).toBeLessThanOrEqual(11);
  }
});

test('what is on its way is not lost yet', () => {
  const loss = createLossWatch();
  loss.sampled({ beat: 1, bytes: 0, atMs: 400 });
  loss.sampled({ beat: 2, bytes: 60_000, atMs: 1_000 });
  expect(loss.isLost({ since: 1 }, 1_200)).toBe(false);
  expect(loss.isLost({ since: 2 }, 1_400)).toBe(false);
  expect(loss.isLost({ since: 1 }, 1_400)).toBe(true);
});
