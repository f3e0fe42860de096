import { expect, test } from 'vitest';
import { staysOnAir } from './on-air-room.ts';

test.each(['/studio', '/studio/live', '/studio/giveaways', '/studio/numbers/b', '/studio/live/a?tab=1'])(
  'a picture goes on at %s',
  (to) => expect(staysOnAir(to, 'a')).toBe(true),
);

test.each(['/', '/orders', '/room/a', '/studio/live/b', '/studios'])('a picture ends at %s', (to) =>
  expect(staysOnAir(to, 'a')).toBe(false),
);
