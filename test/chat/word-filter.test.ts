import { describe, expect, test } from 'vitest';
import { fold } from '../../server/features/moderation/folding.ts';
import { createWordFilter } from '../../server/features/moderation/word-filter.ts';
import { cleanText } from '../../server/features/chat/chat-text.ts';

const filter = createWordFilter(['微信', 'scam', '臺灣代購', 'whatsapp', '13800138000', 'ばか', 'パイ', 'कल', 'كلب']);
const find = (text: string) => filter.find(fold(text));

describe('banned words', () => {
  test.each([
    ['加微信', '微信'],
    ['加 微 信', '微信'],
    ['微.信', '微信'],
    ['微\u200B信', '微信'],
    ['台湾代购', '臺灣代購'],
    ['This is a SCAM!', 'scam'],
    ['ｓｃａｍ', 'scam'],
    ['s c a m', 'scam'],
    ['s-c.a_m', 'scam'],
    ['scám', 'scam'],
    ['my 𝓌𝒽𝒶𝓉𝓈𝒶𝓅𝓅 is', 'whatsapp'],
    ['加whatsapp聊', 'whatsapp'],
    ['whatsappで', 'whatsapp'],
    ['пишите whatsappу', 'whatsapp'],
    ['whatsapp138', 'whatsapp'],
    ['微\u0308信\u20DD', '微信'],
    ['微\u0E34信', '微信'],
    ['s\u0E34cam', 'scam'],
    ['s\u0C3Ecam', 'scam'],
    ['s\u0F71\u3099cam', 'scam'],
    ['क\u0E34ल', 'कल'],
    ['この、ば か！', 'ばか'],
    ['ｱｯﾌﾟﾙﾊﾟｲ', 'パイ'],
    ['आज कल', 'कल'],
    ['يا كَلْب', 'كلب'],
    ['电话13800138000', '13800138000'],
    ['tel13800138000号', '13800138000'],
  ])('finds the word in %j', (text, word) => {
    expect(find(text)?.word).toBe(word);
  });

  test.each([
    'これはかわいい',
    'ハイ、それください',
    'काल',
    'कील',
    'scampi for dinner',
    '𝓈𝒸𝒶𝓂𝓅𝒾',
    'bus camp',
    'scamé',
    '138001380001',
    '微小的信心',
    '信微',
    '台湾',
    'what s up',
    '',
  ])('leaves %j alone', (text) => {
    expect(find(text)).toBeNull();
  });

  test('says where the word stands in the text as it was written', () => {
    const text = 'ok 👍 ｗｈａｔｓ ａｐｐ me';
    const found = find(text)!;
    expect(text.slice(found.start, found.end)).toBe('ｗｈａｔｓ ａｐｐ');
    const kana = find('甘いﾊﾟｲ。')!;
    expect('甘いﾊﾟｲ。'.slice(kana.start, kana.end)).toBe('ﾊﾟｲ');
  });
});

describe('chat text', () => {
  test.each([
    ['  two\n lines\t ', 'two lines'.replace(' ', '  ')],
    ['\u202Eevil\u202C', 'evil'],
    ['\u200B\u200B', ''],
    ['\u200D \u200C', ''],
    ['👨‍👩‍👧 family', '👨‍👩‍👧 family'],
    ['می\u200Cخواهم', 'می\u200Cخواهم'],
    [`z${'\u0351'.repeat(50)}`, `z${'\u0351'.repeat(4)}`],
    ['<b>not bold</b>', '<b>not bold</b>'],
    ['half \uD83D', 'half'],
  ])('shows %j as %j', (text, shown) => {
    expect(cleanText(text)).toBe(shown.normalize('NFC'));
  });
});
