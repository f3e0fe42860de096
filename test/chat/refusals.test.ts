import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import type { AppError } from '../../shared/errors.ts';
import type { ChatSettings } from '../../shared/protocol/chat.ts';
import { account } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways } from '../room/two-gateways.ts';

/** Lines that one person gets refused in each case; the flood limit lets 200 pass at once. */
const lines = 150;

/** What anybody can make the server do by sending lines that it refuses, again and again. */
describe('what a refused chat line costs', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    // Without a worker nothing but the chat asks the databases much.
    house = await twoGateways({ settings: { NIGHTMARKET_ROLES: 'gateway' } });
  });
  afterAll(() => house.close());

  const followers: Partial<ChatSettings> = { audience: 'followers' };
  const slow: Partial<ChatSettings> = { slowSeconds: 120 };

  test.each([
    { why: 'muted', settings: {}, muted: true },
    { why: 'followers_only', settings: followers, muted: false },
    { why: 'slow_mode', settings: slow, muted: false },
  ] as const)('$why: one or two calls of Redis, none of PostgreSQL, and no search for what it answers', async (how) => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const speaker = await house.visit(house.there, roomId, await account(house.there));
    await staff.client.request('chat:configure', { roomId, ...how.settings });
    const { personId } = speaker.session.person;
    if (how.muted) await staff.client.request('moderation:sanction', { roomId, personId, kind: 'mute' });
    const say = () =>
      speaker.client.request('chat:send', { roomId, text: newKey(), requestKey: newKey(), replyToId: newId() });
    await eventually(async () => (await say()).outcome === how.why);
    const before = await databaseCalls();

    const answers = await Promise.all(Array.from({ length: lines }, say));

    const after = await databaseCalls();
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set([how.why]));
    expect((after.scripts - before.scripts) / lines).toBeLessThan(2.2);
    expect((after.searches - before.searches) / lines).toBeLessThan(0.1);
    expect((after.queries - before.queries) / lines).toBeLessThan(0.2);
  });

  test('taking one own line back again and again: some a second, each without a lock, and staff as often as they like', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.there, roomId, host);
    const speaker = await house.visit(house.there, roomId, await account(house.there));
    const said = await speaker.client.request('chat:send', { roomId, text: newKey(), requestKey: newKey() });
    const messageId = said.outcome === 'sent' ? said.message.messageId : '';
    const takeBack = ({ client }: typeof staff) =>
      client.request('chat:delete', { roomId, messageId }, { triesMax: 1 }).then(
        ({ deleted }) => deleted,
        (error: unknown) => (error as AppError).code,
      );
    const first = await takeBack(speaker);
    const before = await databaseCalls();

    const again = await Promise.all(Array.from({ length: lines }, () => takeBack(speaker)));

    const after = await databaseCalls();
    expect(first).toBe(true);
    expect(again.filter((answer) => answer === false).length).toBeLessThan(10);
    expect(again.filter((answer) => answer === 'RATE_LIMITED').length).toBeGreaterThan(lines - 10);
    expect((after.queries - before.queries) / lines).toBeLessThan(0.4);
    expect(await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => takeBack(staff)))).not.toContain('RATE_LIMITED');
  });

  test('host and staff have a pace too, over all their rooms: what was said before is answered as it was', async () => {
    const { host, roomId } = await house.show();
    const other = await house.showOf(host);
    const staff = await house.visit(house.there, roomId, host);
    const sayIn = (id: string, requestKey: string) =>
      staff.client.request('chat:send', { roomId: id, text: requestKey, requestKey }, { triesMax: 1 }).then(
        (answer) => answer,
        (error: unknown) => (error as AppError).code,
      );
    const key = newKey();
    const first = await sayIn(roomId, key);

    const answers = await Promise.all(
      Array.from({ length: lines }, (_, i) => sayIn(i % 2 ? roomId : other.roomId, newKey())),
    );

    expect(answers.filter((answer) => answer === 'RATE_LIMITED').length).toBeGreaterThan(20);
    expect(answers.filter((answer) => typeof answer === 'object').length).toBeGreaterThan(90);
    expect(await sayIn(roomId, key)).toEqual(first);
  });

  let queries = 0;

  /** Calls of scripts and searches of logs that Redis has counted, and queries of the gateway that was spoken to. */
  async function databaseCalls() {
    const { redis, db } = house.there.platform;
    if (queries === 0) db.on('acquire', () => queries++);
    const stats = await redis.commands.info('commandstats');
    const calls = (name: string): number => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    queries ||= 1;
    return { scripts: calls('evalsha'), searches: calls('xrevrange') + calls('xrange'), queries };
  }
});
