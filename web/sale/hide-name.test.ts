import { expect, test } from 'vitest';
import { chooseHiding, hidesName } from './hide-name.ts';

test('whether one is named in the room is each person’s own choice, and the last one’s for who has not chosen', () => {
  expect(hidesName('ana')).toBe(false);
  chooseHiding('ana', true);
  expect([hidesName('ana'), hidesName('bo')]).toEqual([true, true]);

  chooseHiding('bo', false);
  expect([hidesName('ana'), hidesName('bo'), hidesName('cy')]).toEqual([true, false, false]);
});

test('only the latest people are remembered', () => {
  chooseHiding('first', true);
  for (let n = 0; n < 30; n++) chooseHiding(`person-${n}`, false);

  expect(hidesName('first')).toBe(false);
});
