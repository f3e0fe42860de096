import { expect, test } from 'vitest';
import { forgetAnswered, rememberSent, unansweredIn, unansweredOf } from './unanswered.ts';

const wishFor = (offerId: string, requestKey: string) => ({
  roomId: 'room',
  lines: [{ offerId, units: 1, priceMinor: 500 }],
  requestKey,
});

test('a purchase is finished with its own key until it is answered, by the person who began it', () => {
  const wish = wishFor('lamp', 'key-1');
  rememberSent('ana', wish);
  rememberSent('ana', wish);
  rememberSent('ana', wishFor('mug', 'key-2'));

  expect(unansweredOf('ana', 'lamp')).toEqual(wish);
  expect(unansweredOf('bo', 'lamp')).toBeNull();
  expect(unansweredOf('ana', 'bag')).toBeNull();
  expect(unansweredIn('ana', 'room')).toEqual(wish);
  expect(unansweredIn('ana', 'another room')).toBeNull();

  forgetAnswered(wish);

  expect(unansweredOf('ana', 'lamp')).toBeNull();
  expect(unansweredOf('ana', 'mug')?.requestKey).toBe('key-2');
});

test('only the latest are kept', () => {
  for (let n = 0; n < 30; n++) rememberSent('ana', wishFor(`offer-${n}`, `many-${n}`));

  expect(unansweredOf('ana', 'offer-29')?.requestKey).toBe('many-29');
  expect(unansweredOf('ana', 'offer-5')).toBeNull();
});
