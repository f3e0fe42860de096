import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTurns } from '../../server/features/chat/turns.redis.ts';
import { newId } from '../../shared/ids.ts';
import { freshRedis } from '../support/stack.ts';

describe('turns to speak', () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = new Redis(await freshRedis());
  });
  afterAll(() => redis.disconnect());

  function speaker() {
    const { take } = createTurns(redis);
    const [roomId, senderId] = [newId(), newId()];
    const rest = { senderName: 'Ana', badge: null, fanLevel: null, replyTo: null, mentions: [] };
    return async (text: string) =>
      (await take({ roomId, message: { messageId: newId(), senderId, text, ...rest }, folded: text, slowSeconds: 0 }))
        .outcome;
  }

  test('two texts said in turn are a flood as one said again is', async () => {
    const say = speaker();

    const outcomes = [];
    for (const text of ['buy now', 'only today', 'buy now', 'only today', 'what else?']) outcomes.push(await say(text));

    expect(outcomes).toEqual(['taken', 'taken', 'same_text', 'same_text', 'taken']);
  });

  test('what is remembered of a person has an end', async () => {
    const say = speaker();

    for (let i = 0; i < 8; i += 1) await say(`line ${i}`);

    expect(await say('line 1')).toBe('same_text');
    expect(await say('line 8')).toBe('taken');
    expect(await say('line 0')).toBe('taken');
  });
});
