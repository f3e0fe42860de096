import { expect, test } from 'vitest';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { emptyFeed, withNews } from './chat-feed.ts';
import { addressedBy, mentionsIn, nameBegunIn, speakersIn, thoseWhoMatch, withName } from './mentions.ts';

const people = ['Ana', 'Ana Lucía', '小明', 'Bo'].map((name) => ({ personId: `id of ${name}`, name }));
const idsOf = (...names: string[]) => names.map((name) => `id of ${name}`);

const said = (senderName: string): ChatMessage => ({
  messageId: `m${Math.random()}`,
  senderId: `id of ${senderName}`,
  senderName,
  badge: null,
  fanLevel: null,
  text: 'hi',
  replyTo: null,
  mentions: [],
});

test('those who spoke are known, the latest first, each once, and not oneself', () => {
  const news = ['Bo', 'Ana', 'Me', 'Bo'].map((name) => ({ kind: 'message', atMs: 1, message: said(name) }) as const);
  const { lines } = withNews(emptyFeed, news);

  expect(speakersIn(lines, 'id of Me').map(({ name }) => name)).toEqual(['Bo', 'Ana']);
});

test.each([
  ['@', 1, { from: 0, typed: '' }],
  ['hi @an', 6, { from: 3, typed: 'an' }],
  ['hi @ana lu and more', 10, { from: 3, typed: 'ana lu' }],
  ['你好@小', 4, { from: 2, typed: '小' }],
  ['mail ana@example.org', 20, null],
  ['@an', 0, null],
  ['no name', 7, null],
  [`@${'x'.repeat(41)}`, 42, null],
])('in "%s", up to %i, the name being written is %j', (text, caret, begun) => {
  expect(nameBegunIn(text, caret)).toEqual(begun);
});

test('a name is found by how it or a word of it begins, and completes nothing that is complete', () => {
  const found = (typed: string) => thoseWhoMatch(typed, people).map(({ name }) => name);

  expect(found('AN')).toEqual(['Ana', 'Ana Lucía']);
  expect(found('ana')).toEqual([]);
  expect(thoseWhoMatch('bo', [...people, { personId: 'another', name: 'Bo' }])).toHaveLength(2);
  expect(found('luc')).toEqual(['Ana Lucía']);
  expect(found('bo')).toEqual([]);
  expect(found('ana lucía is')).toEqual([]);
});

test('the chosen name takes the place of what was typed, unless the message would grow too long', () => {
  expect(withName('hi @an, see', { from: 3, typed: 'an' }, 'Ana')).toEqual({ text: 'hi @Ana , see', caret: 8 });
  expect(withName(`@b${'x'.repeat(497)}`, { from: 0, typed: 'b' }, 'Bo')).toBeNull();
});

test.each([
  ['@Ana Lucía and @bo!', idsOf('Ana Lucía', 'Bo')],
  ['@Ana lu', idsOf('Ana')],
  ['@小明你好', idsOf('小明')],
  ['@Anabel, x@Bo, @nobody', []],
  ['@Bo @Bo', idsOf('Bo')],
])('"%s" names %j', (text, ids) => {
  expect(mentionsIn(text, people)).toEqual(ids);
});

test('of two with the same name the first is meant; an answer speaks to whoever it answers', () => {
  const twice = [{ personId: 'chosen', name: 'Bo' }, ...people];

  expect(addressedBy('@Bo yes', said('Ana'), twice, 'id of Me')).toEqual(['id of Ana', 'chosen']);
  expect(addressedBy('yes', said('Me'), twice, 'id of Me')).toEqual([]);
});
