import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold } from '../../server/features/moderation/folding.ts';
import { createWordFilter } from '../../server/features/moderation/word-filter.ts';
import { createWordMatcher } from '../../server/features/moderation/word-matcher.ts';
import { cleanText } from '../../server/features/chat/chat-text.ts';

const filter = createWordFilter([
  '微信',
  'scam',
  '臺灣代購',
  'whatsapp',
  '13800138000',
  'ばか',
  'パイ',
  'कल',
  'كلب',
  '시발',
  '카톡',
  'ㅅㅂ',
  '괜찮아',
  'Straße',
  'ὀδυσσεύς',
  'wechat',
  'he',
  'she',
]);
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
    ['微信ﾞ', '微信'],
    ['微ﾞ信', '微信'],
    ['wechatﾞ', 'wechat'],
    ['weﾞchat', 'wechat'],
    ['\u0D4E微信', '微信'],
    ['\u{111C2}微信', '微信'],
    ['we\u0D4Echat', 'wechat'],
    ['はﾞか', 'ばか'],
    ['ば\u3099か', 'ばか'],
    ['ば゛か', 'ばか'],
    ['ㅋㅋ시발', '시발'],
    ['ㅋㅋㅋ 시발', '시발'],
    ['ㅎ카톡', '카톡'],
    ['ㅅㅂ놈아', 'ㅅㅂ'],
    ['ㅅㅂ 놈아', 'ㅅㅂ'],
    ['ㅋㅋㅅㅂ', 'ㅅㅂ'],
    ['ㅅㅣㅂㅏㄹ', '시발'],
    ['시바ㄹ', '시발'],
    ['ㅅㅣ발놈', '시발'],
    ['\u1109\u1175\u1107\u1161\u11AF', '시발'],
    ['시\u3164발', '시발'],
    ['ㄱㅗㅐㄴㅊㅏㄴㅎㅇㅏ', '괜찮아'],
    ['in der STRASSE!', 'Straße'],
    ['STRAẞE', 'Straße'],
    ['ΟΔΥΣΣΕΥΣ', 'ὀδυσσεύς'],
    ['は゛か', 'ばか'],
    ['ハ゜イ', 'パイ'],
    ['she said', 'she'],
    ['usher, he said', 'he'],
    ['يا كَلْب', 'كلب'],
    ['电话13800138000', '13800138000'],
    ['tel13800138000号', '13800138000'],
  ])('finds the word in %j', (text, word) => {
    expect(find(text)?.word).toBe(word);
  });

  test.each([
    '시바라고 했다',
    '옷 봐 주세요',
    'Strasbourg',
    'これはかわいい',
    'ハイ、それください',
    'काल',
    'कला',
    'कल्',
    'ㅅㅋㅂ',
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

  test.each([
    ['裡面', '里面'],
    ['裏面', '里面'],
    ['爲什麼', '为什么'],
    ['為什麼', '为什么'],
    ['乾杯', '干杯'],
    ['幹部', '干部'],
    ['後門', '后门'],
    ['麵條', '面条'],
    ['臺灣代購', '台湾代购'],
  ])('finds %s where %s is banned, and the other way round', (traditional, simplified) => {
    for (const [banned, said] of [
      [traditional, simplified],
      [simplified, traditional],
    ] as const)
      expect(createWordFilter([banned]).find(fold(`你${said}好`))?.word).toBe(banned);
    // Characters that only look or sound alike are others.
    expect(createWordFilter(['干杯', '后门', '面条']).find(fold('千杯候门而条'))).toBeNull();
  });

  test('says where the word stands in the text as it was written', () => {
    const text = 'ok 👍 ｗｈａｔｓ ａｐｐ me';
    const found = find(text)!;
    expect(text.slice(found.start, found.end)).toBe('ｗｈａｔｓ ａｐｐ');
    const kana = find('甘いﾊﾟｲ。')!;
    expect('甘いﾊﾟｲ。'.slice(kana.start, kana.end)).toBe('ﾊﾟｲ');
  });
});

describe('words of a list', () => {
  test('are found wherever they stand in a text, as by looking for each at every place', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '微'), maxLength: 40 });
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '微'), minLength: 1, maxLength: 5 }), {
      maxLength: 8,
    });
    const inOrder = (found: { start: number; end: number }[]) =>
      found.map(({ start, end }) => `${start} ${end}`).toSorted();
    fc.assert(
      fc.property(words, fc.array(text, { maxLength: 3 }), (list, texts) => {
        const matcher = createWordMatcher(list);
        for (const one of texts) {
          const places = [...new Set(list)].flatMap((word) =>
            Array.from(one, (_, start) => ({ start, end: start + word.length })).filter(({ start }) =>
              one.startsWith(word, start),
            ),
          );
          expect(inOrder([...matcher.matchesIn(one)])).toEqual(inOrder(places));
        }
      }),
    );
  });

  test('are found behind and before whatever is no letter of their script', () => {
    // All letters and signs in use, and a look at each block of the rest.
    const others = fc.integer({ min: 0x21, max: 0x1_ffff }).map((code) => String.fromCodePoint(code));
    const isOther = (character: string): boolean =>
      !/[\p{sc=Latin}\p{sc=Han}\p{N}\p{M}\p{Cs}]/u.test(character.normalize('NFKD'));
    fc.assert(
      fc.property(others.filter(isOther), (other) => {
        for (const word of ['微信', 'wechat'])
          for (const text of [other + word, word + other, `微${other}${word}${other}`])
            expect(find(cleanText(text))?.word).toBe(word);
      }),
      { numRuns: 500 },
    );
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
