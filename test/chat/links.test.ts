import { expect, test } from 'vitest';
import { hasLink } from '../../server/features/chat/chat-text.ts';

test.each([
  'see https://example.test/x',
  'www.example.test',
  'buy at Example.SHOP now',
  'ｅｘａｍｐｌｅ．ｃｏｍ',
  'example。com',
  't.me/somebody',
  'only at outlet.example.nl',
  'youtu.be/abc',
  '例子.cn/x',
  '加example.com吧',
  'lin.ee/x',
  'call 192.0.2.17',
  'shop at evil.ir',
  'пример.рф, заходите',
  'evil.xn--p1ai',
])('leads people elsewhere: %s', (text) => {
  expect(hasLink(text)).toBe(true);
});

test.each([
  '3.5 kg for 12.99',
  'wait... what?',
  '好。好',
  'e.g. this one',
  'size M/L, v2.0',
  'see you.in a minute',
  'thanks.me too',
  'and/or so',
  'см.рфц и т.д.',
])('is just talk: %s', (text) => {
  expect(hasLink(text)).toBe(false);
});
