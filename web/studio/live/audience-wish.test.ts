import { expect, test } from 'vitest';
import { audienceOf, audienceWishOf } from './audience-wish.ts';

test.each([
  [{ who: 'all' }],
  [{ who: 'all', early: { levelMin: 3, seconds: 45 } }],
  [{ who: 'followers' }],
  [{ who: 'fans', levelMin: 7 }],
] as const)('the fields of a form say the audience %j as it is', (audience) => {
  expect(audienceOf(audienceWishOf(audience)!)).toEqual(audience);
});

test('no field says that only winners may buy', () => {
  expect(audienceWishOf({ who: 'right' })).toBeNull();
});
