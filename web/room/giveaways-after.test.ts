import { expect, test } from 'vitest';
import type { TypedEntry } from '../../shared/frames.ts';
import { giveawaysAfter, type Giveaways } from './giveaways-after.ts';

const roomId = 'room';
const winners = [{ place: 0, entryNumber: 3, entryId: 'e3', name: 'A***' }];
const entry = (kind: string, body: object): TypedEntry => ({ offset: 1, atMs: 1, kind, body }) as unknown as TypedEntry;
const published = (giveawayId: string) =>
  entry('giveaway:published', { giveawayId, rules: { title: 'Tea' }, rulesHash: 'h' });
const after = (entries: readonly TypedEntry[], before: Giveaways = []) =>
  entries.reduce((known, one) => giveawaysAfter(known, roomId, one), before);

test('a giveaway goes its way by the log alone, the newest on top', () => {
  const list = after([
    published('g1'),
    published('g2'),
    entry('giveaway:closed', { giveawayId: 'g1', entryCount: 7 }),
    entry('giveaway:frozen', { giveawayId: 'g1', frozen: {} }),
    entry('giveaway:drawn', { giveawayId: 'g1', seed: null, winners }),
  ]);

  expect(list).toMatchObject([
    { giveawayId: 'g2', roomId, state: 'published', entryCount: 0 },
    { giveawayId: 'g1', state: 'drawn', entryCount: 7, winners },
  ]);
});

test('what was read is not set back by an entry of before', () => {
  const read = after([published('g1'), entry('giveaway:drawn', { giveawayId: 'g1', seed: null, winners })]);

  expect(after([published('g1'), entry('giveaway:closed', { giveawayId: 'g1', entryCount: 2 })], read)).toEqual(read);
});

test('whose prize lapsed is no winner any more, and who follows is one, also when it is heard twice', () => {
  const drawn = after([published('g1'), entry('giveaway:drawn', { giveawayId: 'g1', seed: null, winners })]);
  const next = [{ place: 1, entryNumber: 0, entryId: 'e0', name: 'B***' }];
  const lapsed = entry('giveaway:lapsed', { giveawayId: 'g1', places: [0] });
  const passedOn = entry('giveaway:passed-on', { giveawayId: 'g1', winners: next });

  expect(after([lapsed], drawn)).toMatchObject([{ winners: [] }]);
  const ofMany = entry('giveaway:lapsed', { giveawayId: 'g1', places: [0], winners: next });
  expect(after([ofMany], drawn)).toMatchObject([{ winners: next }]);
  expect(after([lapsed, passedOn, lapsed, passedOn], drawn)).toMatchObject([{ winners: next }]);
});

test('a cancelled giveaway keeps its reason', () => {
  const list = after([published('g1'), entry('giveaway:cancelled', { giveawayId: 'g1', reason: 'no tea' })]);

  expect(list).toMatchObject([{ state: 'cancelled', cancelReason: 'no tea' }]);
});
