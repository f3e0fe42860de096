import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createEntryStore } from '../../server/features/giveaway/entries.pg.ts';
import { createGiveawayStore } from '../../server/features/giveaway/giveaways.pg.ts';
import { createKeywords } from '../../server/features/giveaway/keywords.ts';
import { createWatchTime } from '../../server/features/giveaway/watch-time.redis.ts';
import { newId } from '../../shared/ids.ts';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { hexOf } from '../../shared/raffle/bytes.ts';
import { leafHash } from '../../shared/raffle/packed-entry.ts';
import { roundWaitMs } from '../../shared/raffle/void.ts';
import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import { rootOfPath } from '../../shared/raffle/merkle.ts';
import { entriesOfNdjson, type ProofDocument } from '../../shared/raffle/proof-document.ts';
import { verifyReceipt } from '../../shared/raffle/receipt.ts';
import { verifyDraw } from '../../shared/raffle/verify-draw.ts';
import { quicknetRound, quicknetRoundAtMs } from '../raffle/draw-fixture.ts';
import { isBlsGood } from '../raffle/bls.ts';
import { failedSteps } from '../raffle/second/verify.ts';
import { call, freshStores, guest, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { addressOf, ask, createShow, luckyBag, nonce, type Person } from './show.ts';

const show = createShow({ nowMs: quicknetRoundAtMs - 3_600_000 });
const { clock } = show;
let apps: [App, App];

beforeAll(async () => {
  const stores = await freshStores();
  // Each kind of exclusive work holds a connection while it runs: the small pool of other tests would starve the draw.
  const settings = { NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '24' };
  const options = { nowMs: () => clock.nowMs, fetchBeacon: async () => quicknetRound, settings };
  apps = [await startTestApp(stores, options), await startTestApp(stores, options)];
});
afterAll(async () => {
  show.close();
  await Promise.all(apps.map((app) => app.close()));
});

const enter = (person: Person, giveawayId: string) => ask(person, 'giveaway:enter', { giveawayId, nonce: nonce() });
/** Asked of the ledger: polling by command would meet the rate limit. */
async function state(giveawayId: string): Promise<string> {
  const { rows } = await apps[0].platform.db.query('SELECT state FROM giveaways WHERE giveaway_id = $1', [giveawayId]);
  return rows[0].state;
}
const reached = (giveawayId: string, wanted: string) => expect.poll(() => state(giveawayId)).toBe(wanted);
const drawn = (giveawayId: string) => reached(giveawayId, 'drawn');
const proofOf = async (giveawayId: string): Promise<ProofDocument> =>
  (await call(apps[0], 'GET', `/api/giveaways/${giveawayId}/proof`)).body;
const failed = (steps: { check: string; ok: boolean }[]) => steps.filter(({ ok }) => !ok).map(({ check }) => check);

const newEntryOf = ({ personId }: Person) => ({
  personId,
  entryId: newId(),
  entrant: hexOf(randomBytes(32)),
  nonce: nonce(),
});

type Entry = { kind: string; body: { giveawayId: string; [member: string]: unknown } };

/** All giveaway entries that a person sees in the room from now on. */
async function watching(person: Person, roomId: string): Promise<Entry[]> {
  const seen: Entry[] = [];
  person.socket.on('room:frame', (frame: { entries: Entry[] }) =>
    seen.push(...frame.entries.filter(({ kind }) => kind.startsWith('giveaway:'))),
  );
  await ask(person, 'room:join', { roomId });
  return seen;
}

describe('a lucky bag', () => {
  test('is published, entered, drawn and claimed, and anybody can check it', async () => {
    const host = await show.host(apps[0]);
    const fans = await show.people(apps, 10);
    const log = await watching(fans[0]!, host.roomId);
    const notices: unknown[] = [];
    fans.forEach(({ socket }) => socket.on('giveaway:won', (award) => notices.push(award)));

    const { giveawayId, rules, rulesHash } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    const entered = await Promise.all(fans.map((fan) => enter(fan, giveawayId)));
    const receipts = entered.map((answer) => (answer.outcome === 'entered' ? answer.receipt : null));
    expect(receipts.map((receipt) => receipt!.entry.number).sort((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    for (const [i, receipt] of receipts.entries())
      expect(failed(await verifyReceipt(receipt, { rules, accountId: fans[i]!.personId }))).toEqual([]);

    clock.nowMs = rules.closesAtMs;
    await drawn(giveawayId);
    const proof = await proofOf(giveawayId);
    expect(failed(await verifyDraw(proof))).toEqual([]);
    expect(await failedSteps(proof, isBlsGood)).toEqual([]);
    expect(proof.rulesHash).toBe(rulesHash);
    for (const receipt of receipts) {
      const closed = await ask(host, 'giveaway:inclusion', { giveawayId, entryNumber: receipt!.entry.number });
      expect(failed(await verifyReceipt(receipt, { rules, closed }))).toEqual([]);
    }

    const winners = (await ask(host, 'giveaway:winners', { giveawayId })).winners;
    expect(winners.map(({ state: place }) => place)).toEqual(['offered', 'offered', 'offered']);
    await eventually(() => notices.length === 3);
    const winner = fans.find(({ personId }) => personId === winners[0]!.personId)!;
    expect((await ask(winner, 'giveaway:wins', {})).awards).toMatchObject([{ giveawayId, state: 'offered', place: 0 }]);
    expect((await ask(winner, 'giveaway:claim', { giveawayId })).outcome).toBe('address_first');
    const claim = { giveawayId, addressId: await addressOf(winner) };
    expect((await ask(winner, 'giveaway:claim', claim)).outcome).toBe('claimed');
    expect((await ask(winner, 'giveaway:claim', claim)).outcome).toBe('claimed');
    expect((await ask(host, 'giveaway:winners', { giveawayId })).winners[0]).toMatchObject({
      state: 'claimed',
      address: { recipient: 'Vic', street: 'Calle Mayor 1' },
    });

    await eventually(() => log.length >= 5);
    expect(log.map(({ kind }) => kind)).toEqual([
      'giveaway:published',
      'giveaway:closed',
      'giveaway:frozen',
      'giveaway:drawn',
      'giveaway:counted',
    ]);
    // Viewers are counted as gateways report them, every few seconds: more may be known by now.
    const { viewers, ...funnel } = await ask(host, 'giveaway:funnel', { giveawayId });
    expect(log[4]).toMatchObject({ body: { giveawayId, ...funnel, entrants: 10 } });
    expect(viewers).toBeGreaterThanOrEqual(log[4]!.body['viewers'] as number);
    expect(JSON.stringify(log)).not.toContain(winner.name); // Winners are shown shortened.
  });

  test('passes prizes that nobody claims on to the alternates, and never gives more than there are', async () => {
    const host = await show.host(apps[0]);
    const fans = await show.people(apps, 6);
    const log = await watching(fans[0]!, host.roomId);
    const wish = luckyBag(host.roomId, clock.nowMs, { prizeCount: 2, alternateCount: 2, claimMs: 60_000 });
    const { giveawayId, rules } = await ask(host, 'giveaway:publish', wish);
    await Promise.all(fans.map((fan) => enter(fan, giveawayId)));
    clock.nowMs = rules.closesAtMs;
    await drawn(giveawayId);
    const { winners, alternates } = await proofOf(giveawayId);
    const places = () => ask(host, 'giveaway:winners', { giveawayId });
    await eventually(async () => (await places()).winners.length === 2);
    const first = (await places()).winners[0]!;
    const firstFan = fans.find(({ personId }) => personId === first.personId)!;
    await ask(firstFan, 'giveaway:claim', { giveawayId, addressId: await addressOf(firstFan) });

    clock.nowMs += 60_001;
    await eventually(async () => (await places()).winners.length === 3);
    const after = (await places()).winners;

    expect(after.map(({ state: place }) => place)).toEqual(['claimed', 'forfeited', 'offered']);
    const page = await ask(host, 'giveaway:winners', { giveawayId, after: 0, rows: 1 });
    expect(page.winners).toEqual(after.slice(1, 2));
    const nothing = '' as unknown as number; // No 0, which would leave out the first winner.
    await expect(ask(host, 'giveaway:winners', { giveawayId, after: nothing })).rejects.toThrow('BAD_INPUT');
    await eventually(() => log.some(({ kind }) => kind === 'giveaway:passed-on'));
    const lapsed = () => log.filter(({ kind }) => kind === 'giveaway:lapsed').map(({ body }) => body['places']);
    expect(lapsed()).toEqual([[1]]);
    expect(log.at(-1)).toMatchObject({ body: { winners: [{ place: 2, entryId: alternates[0]!.entryId }] } });
    const late = fans.find(({ personId }) => personId === after[1]!.personId)!;
    const lateClaim = { giveawayId, addressId: await addressOf(late) };
    expect((await ask(late, 'giveaway:claim', lateClaim)).outcome).toBe('too_late');
    expect(winners).toHaveLength(2);

    for (const place of [2, 3]) {
      clock.nowMs += 60_001; // Behind the last of them nobody waits: the room is told all the same.
      await eventually(() => lapsed().length === place);
    }
    expect(lapsed()).toEqual([[1], [2], [3]]);
    expect((await ask(host, 'giveaway:get', { giveawayId })).winners.map(({ place }) => place)).toEqual([0]);
  });

  test('draws nothing from nobody, and everybody when there are few', async () => {
    const host = await show.host(apps[0]);
    const [fan] = await show.people(apps, 1);
    const empty = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    const lonely = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    await enter(fan!, lonely.giveawayId);
    clock.nowMs += 60_000;
    await Promise.all([drawn(empty.giveawayId), drawn(lonely.giveawayId)]);

    for (const [{ giveawayId }, count] of [
      [empty, 0],
      [lonely, 1],
    ] as const) {
      const proof = await proofOf(giveawayId);
      expect(proof.winners).toHaveLength(count);
      expect(failed(await verifyDraw(proof))).toEqual([]);
    }
  });

  test('with a beacon waits for its round and is checked with it', async () => {
    clock.nowMs = quicknetRoundAtMs - 300_000;
    const host = await show.host(apps[0]);
    const [fan] = await show.people(apps, 1);
    const closesAtMs = quicknetRoundAtMs - 30_000;
    const wish = luckyBag(host.roomId, clock.nowMs, { beacon: 'quicknet', closesAtMs });
    const { giveawayId, rules } = await ask(host, 'giveaway:publish', wish);
    expect(rules.beacon).toEqual({ chain: 'quicknet', round: quicknetRound.round });
    await enter(fan!, giveawayId);

    clock.nowMs = closesAtMs;
    await reached(giveawayId, 'frozen');
    const early = await call(apps[0], 'GET', `/api/giveaways/${giveawayId}/proof`);
    expect(early.body.error.code).toBe('CONFLICT');
    clock.nowMs = quicknetRoundAtMs;
    await drawn(giveawayId);

    expect(failed(await verifyDraw(await proofOf(giveawayId)))).toEqual([]);
  });

  test.each([
    ['the seed can not be revealed in time', 'void', 0],
    ['the round that decides alone is not to be had for a week', 'beacon-only', roundWaitMs],
  ] as const)('is void, visibly and for ever, when %s', async (_name, ifUnrevealed, waitMs) => {
    const host = await show.host(apps[0]);
    const wish = luckyBag(host.roomId, clock.nowMs, {
      beacon: 'quicknet',
      ifUnrevealed,
      requestKey: 'a round the fixture lacks',
    });
    const { giveawayId, rules } = await ask(host, 'giveaway:publish', wish);

    clock.nowMs = rules.closesAtMs;
    await reached(giveawayId, 'frozen');
    clock.nowMs = rules.revealByMs + waitMs;
    await reached(giveawayId, 'void');

    const proof = await proofOf(giveawayId);
    expect(proof).toMatchObject({ seed: null, winners: [] });
    expect(failed(await verifyDraw(proof))).toEqual([]);
  });
});

describe('entering', () => {
  test('takes one entry an account, whatever device, gateway or repetition, and gives the same receipt again', async () => {
    const host = await show.host(apps[0]);
    const fan = await show.person(apps[0]);
    const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));

    const answers = await Promise.all(Array.from({ length: 8 }, () => enter(fan, giveawayId)));
    const entries = answers.map((answer) => (answer.outcome === 'entered' ? answer.receipt.entry : null));

    expect(new Set(entries.map((entry) => JSON.stringify(entry))).size).toBe(1);
    expect((await ask(host, 'giveaway:get', { giveawayId })).entryCount).toBe(1);
    const { receipt } = await ask(fan, 'giveaway:own', { giveawayId });
    expect(failed(await verifyReceipt(receipt, { rules, accountId: fan.personId }))).toEqual([]);
  });

  test('is refused before the opening, after the close, to the host and to guests', async () => {
    const host = await show.host(apps[0]);
    const fan = await show.person(apps[1]);
    const wish = luckyBag(host.roomId, clock.nowMs, { opensAtMs: clock.nowMs + 10_000 });
    const { giveawayId } = await ask(host, 'giveaway:publish', wish);

    expect((await enter(fan, giveawayId)).outcome).toBe('not_open');
    clock.nowMs += 10_000;
    await expect(enter(host, giveawayId)).rejects.toThrow('FORBIDDEN');
    const visitor = await guest(apps[0]);
    const body = { nonce: nonce() };
    const answer = await call(apps[0], 'POST', `/api/giveaways/${giveawayId}/entries`, {
      token: visitor.accessToken,
      body,
    });
    expect(answer.body.error.code).toBe('FORBIDDEN');
    clock.nowMs += 50_000;
    expect((await enter(fan, giveawayId)).outcome).toBe('closed');
  });

  test('again answers with the first entry, whatever has changed: after the close, without the tasks, with another nonce', async () => {
    const host = await show.host(apps[0]);
    const [fan, late] = await show.people(apps, 2);
    await ask(fan!, 'follow:start', { hostId: host.personId });
    const wish = luckyBag(host.roomId, clock.nowMs, { tasks: [{ task: 'follow' }] });
    const { giveawayId, rules } = await ask(host, 'giveaway:publish', wish);
    const entryOf = (answer: Awaited<ReturnType<typeof enter>>) =>
      answer.outcome === 'entered' ? answer.receipt.entry : answer;
    const first = entryOf(await enter(fan!, giveawayId));

    await ask(fan!, 'follow:stop', { hostId: host.personId });
    expect(entryOf(await enter(fan!, giveawayId))).toEqual(first);
    clock.nowMs = rules.closesAtMs;
    const answers = await Promise.all([enter(fan!, giveawayId), enter(late!, giveawayId)]);
    expect(entryOf(answers[0])).toEqual(first);
    expect(answers[1]).toEqual({ outcome: 'closed' });
    await drawn(giveawayId);
    const again = await enter(fan!, giveawayId);
    expect(entryOf(again)).toEqual(first);
    expect(failed(await verifyReceipt('receipt' in again && again.receipt, { rules }))).toEqual([]);
  });

  test('is not open before the room has the rules in its log', async () => {
    const host = await show.host(apps[0]);
    const fan = await show.person(apps[0]);
    const { giveawayId } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    const { db } = apps[0].platform;
    const told = (steps: string[]) =>
      db.query('UPDATE giveaways SET told = $2, closes_at = closes_at WHERE giveaway_id = $1', [giveawayId, steps]);

    const entries = createEntryStore(db);
    await told([]);
    const before = await entries.add(giveawayId, [newEntryOf(fan)], clock.nowMs);
    await told(['published']);
    const after = await entries.add(giveawayId, [newEntryOf(fan)], clock.nowMs);

    expect(before.entries).toEqual(['not_open']);
    expect(after.entries).toMatchObject([{ number: 0 }]);
  });

  test('is impossible in the ledger once the giveaway is closed, whoever writes', async () => {
    const host = await show.host(apps[0]);
    const fan = await show.person(apps[0]);
    const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    clock.nowMs = rules.closesAtMs;
    await drawn(giveawayId);

    const { entryId, personId } = newEntryOf(fan);
    await expect(
      apps[0].platform.db.query(
        `INSERT INTO giveaway_entries (giveaway_id, entry_number, entry_id, person_id, entrant, nonce, entered_at)
         VALUES ($1, 0, $2, $3, sha256(''), substring(sha256('') FOR 16), now())`,
        [giveawayId, entryId, personId],
      ),
    ).rejects.toThrow('entry is closed');
  });

  test('asks for every task, says what is missing, and lets in who has done them', async () => {
    const host = await show.host(apps[0]);
    const clubId = host.personId;
    await ask(host, 'fan-club:set', { clubId });
    const fan = await show.person(apps[1]);
    const tasks = [
      { task: 'follow' as const },
      { task: 'fan-club' as const, levelMin: 1 },
      { task: 'comment' as const, keyword: 'Mooncake' },
      { task: 'watch' as const, minutes: 1 },
    ];
    const wish = luckyBag(host.roomId, clock.nowMs, { tasks, closesAtMs: clock.nowMs + 600_000 });
    const { giveawayId } = await ask(host, 'giveaway:publish', wish);
    await ask(fan, 'room:join', { roomId: host.roomId });

    const before = await enter(fan, giveawayId);
    expect(before).toMatchObject({ outcome: 'not_qualified' });
    expect(before.outcome === 'not_qualified' && before.missing.map(({ task }) => task)).toEqual([
      'follow',
      'fan-club',
      'comment',
      'watch',
    ]);

    await ask(fan, 'follow:start', { hostId: clubId });
    await ask(fan, 'fan-club:join', { clubId });
    await ask(fan, 'chat:send', { roomId: host.roomId, text: 'I want a ｍｏｏｎＣａｋｅ!', requestKey: nonce() });
    // What a gateway reports every five seconds, on the clock of this test.
    const watchTime = createWatchTime(apps[0].platform.redis.commands, () => clock.nowMs);
    for (let reported = 0; reported <= 13; reported++) {
      await watchTime.credit(host.roomId, [fan.personId], true);
      clock.nowMs += 5_000;
    }
    await eventually(async () => (await ask(fan, 'giveaway:own', { giveawayId })).tasks.every(({ done }) => done));

    expect((await enter(fan, giveawayId)).outcome).toBe('entered');
  });

  test('hears a keyword from the archive too, if it was said while the giveaway stood', async () => {
    const host = await show.host(apps[0]);
    const tasks = [{ task: 'comment' as const, keyword: 'Mooncake' }];
    const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs, { tasks }));
    const { db, redis } = apps[0].platform;
    const watchTime = createWatchTime(redis.commands, () => clock.nowMs);
    const keywords = createKeywords({ store: createGiveawayStore(db), watchTime, nowMs: () => clock.nowMs });
    const said = (senderId: string, text: string, atMs: number) => ({
      roomId: host.roomId,
      atMs,
      body: { senderId, text } as ChatMessage,
    });

    await keywords.hearAgain([
      said('before', 'A mooncake, please', clock.nowMs - 1),
      said('early', 'A mooncake, please', rules.closesAtMs - 1),
      said('other', 'A pie, please', rules.closesAtMs - 1),
      said('late', 'A mooncake, please', rules.closesAtMs),
    ]);

    expect(await watchTime.said(host.roomId, giveawayId, ['before', 'early', 'other', 'late'])).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});

describe('a host', () => {
  test('who asks for a purchase says what the law asks: that none is necessary would be a lie', async () => {
    const host = await show.host(apps[0]);
    const tasks = [{ task: 'bought-in-room' as const }];
    const publish = (note: object) =>
      ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs, { tasks, ...note }));

    await expect(publish({})).rejects.toThrow('regionNote');
    await expect(publish({ regionNote: 'No purchase necessary.' })).rejects.toThrow('regionNote');
    const regionNote = 'Open in Spain. A free entry is to be had by mail.';
    expect((await publish({ regionNote })).rules).toMatchObject({ regionNote });
    const plain = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    expect(plain.rules.regionNote).toBe('No purchase necessary.');
  });

  test('has helpers who may publish, and may not enter', async () => {
    const host = await show.host(apps[0]);
    const helper = await show.person(apps[0]);
    await ask(host, 'room:set-staff', { roomId: host.roomId, personId: helper.personId, role: 'assistant' });
    const { giveawayId } = await ask(helper, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));

    await expect(enter(helper, giveawayId)).rejects.toThrow('FORBIDDEN');
    expect((await ask(helper, 'giveaway:own', { giveawayId })).receipt).toBeNull();
  });

  test('can not ask for a keyword of which nothing is left', async () => {
    const host = await show.host(apps[0]);
    const tasks = [{ task: 'comment' as const, keyword: '\ufe0f ' }];

    await expect(ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs, { tasks }))).rejects.toThrow(
      /tasks\.0\.keyword/,
    );
  });

  test('cancels before the close with a reason that stays, and not afterwards', async () => {
    const host = await show.host(apps[0]);
    const fan = await show.person(apps[1]);
    const log = await watching(fan, host.roomId);
    const first = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    const second = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    const cancel = (giveawayId: string) => ask(host, 'giveaway:cancel', { giveawayId, reason: 'The prize broke.' });

    expect((await cancel(first.giveawayId)).outcome).toBe('cancelled');
    expect(await ask(fan, 'giveaway:get', { giveawayId: first.giveawayId })).toMatchObject({
      state: 'cancelled',
      cancelReason: 'The prize broke.',
    });
    expect((await enter(fan, first.giveawayId)).outcome).toBe('closed');
    const proof = await call(apps[0], 'GET', `/api/giveaways/${first.giveawayId}/proof`);
    expect(proof.body.error).toMatchObject({ reason: 'giveaway-cancelled', message: expect.stringContaining('broke') });
    await eventually(() => log.some(({ kind }) => kind === 'giveaway:cancelled'));
    clock.nowMs = second.rules.closesAtMs;
    expect((await cancel(second.giveawayId)).outcome).toBe('too_late');
    expect((await send(fan.socket, 'giveaway:cancel', { giveawayId: second.giveawayId, reason: 'no' })).ok).toBe(false);
    const { actions } = await ask(host, 'room:actions', { roomId: host.roomId });
    const text = first.rules.title;
    expect(actions.filter(({ kind }) => kind.startsWith('giveaway'))).toMatchObject([
      { kind: 'giveaway-cancelled', detail: { text, reason: 'The prize broke.' } },
      { kind: 'giveaway-published', detail: { text } },
      { kind: 'giveaway-published', detail: { text } },
    ]);
  });

  test('can not change what was published, not even in the database', async () => {
    const host = await show.host(apps[0]);
    const { giveawayId } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    const { db } = apps[0].platform;

    await expect(
      db.query(`UPDATE giveaways SET rules = rules || '{"prizeCount": 1}' WHERE giveaway_id = $1`, [giveawayId]),
    ).rejects.toThrow('published rules');
    await expect(db.query('DELETE FROM giveaway_entries')).rejects.toThrow('append-only');
  });

  test('publishes once with one request key, and has at most ten giveaways open in a room', async () => {
    const host = await show.host(apps[0]);
    const wish = luckyBag(host.roomId, clock.nowMs);
    const twice = await Promise.all([ask(host, 'giveaway:publish', wish), ask(host, 'giveaway:publish', wish)]);
    expect(twice[0]).toEqual(twice[1]);
    for (let i = 1; i < 10; i++) await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    const { actions } = await ask(host, 'room:actions', { roomId: host.roomId });
    expect(actions.filter(({ kind }) => kind === 'giveaway-published')).toHaveLength(10);

    await expect(ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs))).rejects.toThrow('CONFLICT');
    await expect(ask(host, 'giveaway:publish', { ...wish, prizeCount: 2 })).rejects.toThrow('KEY_REUSED');
    clock.nowMs = wish.closesAtMs + 1;
    expect(await ask(host, 'giveaway:publish', wish)).toMatchObject({ giveawayId: twice[0].giveawayId });
  });
});

test('a long list is a file of its own, read as a stream, and the whole draw can be checked from it', async () => {
  const host = await show.host(apps[0]);
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
  const { db } = apps[0].platform;
  // More than one page of a draw and more than a document carries; made in bulk, which takes a while on a busy machine.
  await db.query(
    `BEGIN; SET LOCAL statement_timeout = '60s';
     WITH crowd AS (
       INSERT INTO people (person_id, kind, display_name) SELECT gen_random_uuid(), 'guest', 'Fan'
       FROM generate_series(1, 33000) RETURNING person_id
     )
     INSERT INTO giveaway_entries (giveaway_id, entry_number, entry_id, person_id, entrant, nonce, entered_at)
     SELECT '${giveawayId}', row_number() OVER () - 1, gen_random_uuid(), person_id, sha256(person_id::text::bytea),
       substring(sha256(uuid_send(person_id)) FOR 16), now() FROM crowd;
     UPDATE giveaways SET entry_count = 33000 WHERE giveaway_id = '${giveawayId}'; COMMIT`,
  );
  clock.nowMs = rules.closesAtMs;
  await drawn(giveawayId);

  const proof = await proofOf(giveawayId);
  expect(proof.entries).toEqual({ ndjson: 'entries' });
  const entriesUrl = `${apps[0].url}/api/giveaways/${giveawayId}/entries`;
  async function* readEntries() {
    yield* entriesOfNdjson((await fetch(entriesUrl)).body!);
  }
  expect(failed(await verifyDraw(proof, { readEntries, hashMany: nodeHashMany }))).toEqual([]);

  const { entry, inclusion, frozen } = await ask(await show.person(apps[1]), 'giveaway:inclusion', {
    giveawayId,
    entryNumber: 32_900,
  });
  const root = await rootOfPath(await leafHash(entry), entry.number, frozen.entryCount, inclusion.path);
  expect(hexOf(root!)).toBe(frozen.root);
}, 90_000);

test('a proof is made once, and whoever has it need not be sent it again', async () => {
  const host = await show.host(apps[0]);
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
  const url = `${apps[0].url}/api/giveaways/${giveawayId}/proof`;
  expect((await fetch(url)).headers.get('cache-control') ?? '').not.toContain('immutable');
  clock.nowMs = rules.closesAtMs;
  await drawn(giveawayId);

  const first = await fetch(url);
  const etag = first.headers.get('etag')!;
  // Not by fetch, which asks for a fresh answer as soon as it is given a condition.
  const [again] = (await once(get(url, { headers: { 'if-none-match': etag } }), 'response')) as [IncomingMessage];
  again.resume();

  expect(first.headers.get('cache-control')).toContain('immutable');
  expect([first.status, again.statusCode]).toEqual([200, 304]);
});

test('whoever comes into a room is shown the giveaways that are open and the last few that are over', async () => {
  const host = await show.host(apps[0]);
  const over = [];
  for (let i = 0; i < 7; i++) {
    const { giveawayId } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs));
    await ask(host, 'giveaway:cancel', { giveawayId, reason: 'again' });
    over.push(giveawayId);
    clock.nowMs += 1;
  }
  const open = [];
  for (let i = 0; i < 10; i++)
    open.push((await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs))).giveawayId);

  const { snapshot } = await ask(await show.person(apps[1]), 'room:join', { roomId: host.roomId });

  const shown = (snapshot!.parts['giveaways'] as { giveawayId: string }[]).map(({ giveawayId }) => giveawayId);
  expect(shown.slice(0, 10).sort()).toEqual(open.sort());
  expect(shown.slice(10)).toEqual(over.toReversed().slice(0, 5));
  expect((await ask(host, 'giveaway:list', { roomId: host.roomId })).giveaways).toHaveLength(17);
});
