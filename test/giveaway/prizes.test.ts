import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createAwardStore } from '../../server/features/giveaway/awards.pg.ts';
import { createWatchTime } from '../../server/features/giveaway/watch-time.redis.ts';
import { createRightUses } from '../../server/features/sale/right-uses.pg.ts';
import type { Input } from '../../shared/protocol/index.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { ask, createShow, luckyBag, nonce, reportUntil, type Person } from './show.ts';

const show = createShow({ nowMs: Date.UTC(2026, 0, 5) });
const { clock } = show;
let app: App;

beforeAll(async () => {
  const settings = { NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '24', NIGHTMARKET_ACCESS_TOKEN_SECONDS: '3600' };
  app = await startTestApp(await freshStores(), { nowMs: () => clock.nowMs, settings });
});
afterAll(async () => {
  show.close();
  await app.close();
});

type Entry = { kind: string; body: { winners: { place: number }[] } };

/** A host, fans who entered, and what the room was told. */
async function entered(
  count: number,
  change: Partial<Input<'giveaway:publish'>>,
  of?: Awaited<ReturnType<typeof show.host>>,
) {
  const host = of ?? (await show.host(app));
  const fans = await show.people([app], count);
  const log: Entry[] = [];
  host.socket.on('room:frame', (frame: { entries: Entry[] }) => log.push(...frame.entries));
  await ask(host, 'room:join', { roomId: host.roomId });
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs, change));
  for (const fan of fans) await ask(fan, 'giveaway:enter', { giveawayId, nonce: nonce() });
  const told = (kind: string): Promise<Entry> =>
    eventually(() => log.find((entry) => entry.kind === kind) ?? null, { deadlineMs: 15_000 });
  return { host, fans, giveawayId, rules, told };
}

const award = async (fan: Person, giveawayId: string) => (await ask(fan, 'giveaway:own', { giveawayId })).award;
const pointsOf = async (fan: Person, clubId: string) => (await ask(fan, 'fan-club:get', { clubId })).own.points;

test('a prize of points goes to whoever won it, member or not, and no host can keep it from them', async () => {
  const host = await show.host(app);
  const clubId = host.personId;
  const prize = { prize: 'points' as const, points: 500 };
  const wish = luckyBag(host.roomId, clock.nowMs, { prize, prizeCount: 2 });
  await expect(ask(host, 'giveaway:publish', wish)).rejects.toThrow('CONFLICT');
  await ask(host, 'fan-club:set', { clubId, joinRule: 'approval' });
  const { fans, giveawayId, rules, told } = await entered(2, { prize, prizeCount: 2 }, host);
  const [member, stranger] = fans as [Person, Person];
  for (const fan of fans) await ask(fan, 'fan-club:join', { clubId });
  await ask(host, 'fan-club:decide', { clubId, personId: member.personId, accept: true });
  await ask(host, 'fan-club:decide', { clubId, personId: stranger.personId, accept: false });

  clock.nowMs = rules.closesAtMs;
  await told('giveaway:drawn');

  expect(await award(member, giveawayId)).toMatchObject({ state: 'claimed' });
  expect(await pointsOf(member, clubId)).toBe(500);
  expect(await award(stranger, giveawayId)).toMatchObject({ state: 'claimed' });
  expect((await ask(stranger, 'giveaway:claim', { giveawayId })).outcome).toBe('claimed');
  expect(await pointsOf(stranger, clubId)).toBe(500);
  expect((await ask(host, 'fan-club:members', { clubId })).members.map(({ points }) => points)).toEqual([500]);
});

test('a winner who is not there when presence is asked is not shown as one: the prize is with those who are', async () => {
  const wish = { prizeCount: 1, alternateCount: 3, tasks: [{ task: 'present-at-draw' as const }] };
  const { host, fans, giveawayId, rules, told } = await entered(4, wish);
  const there = fans[2]!;
  const watchTime = createWatchTime(app.platform.redis.commands, () => clock.nowMs);
  await reportUntil(clock, rules.closesAtMs, () =>
    watchTime.credit(host.roomId, [host.personId, there.personId], true),
  );

  const { body } = await told('giveaway:drawn');

  const won = await award(there, giveawayId);
  expect(won).toMatchObject({ state: 'offered' });
  expect(body.winners).toMatchObject([{ place: won!.place }]);
  expect((await ask(host, 'giveaway:get', { giveawayId })).winners).toMatchObject([{ place: won!.place }]);
});

test('a prize that went on is told to the room also when whoever passed it on died before telling', async () => {
  const wish = { prizeCount: 1, alternateCount: 1, claimMs: 60_000 };
  const { giveawayId, rules, told } = await entered(3, wish);
  clock.nowMs = rules.closesAtMs;
  await told('giveaway:drawn');

  // What a worker does right before it dies: the ledger has it, the room does not.
  await createAwardStore(app.platform.db, createRightUses()).passOn(giveawayId, rules, clock.nowMs + 60_000);

  expect((await told('giveaway:passed-on')).body.winners).toMatchObject([{ place: 1 }]);
});
