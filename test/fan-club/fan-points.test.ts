import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFanClubStore } from '../../server/features/fan-club/fan-clubs.pg.ts';
import { createFanPointsStore } from '../../server/features/fan-club/fan-points.pg.ts';
import type { Deed, Fan } from '../../server/features/fan-club/fan-points.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPostgres, type Db } from '../../server/platform/postgres.ts';
import {
  decayOf,
  decayStart,
  levelMax,
  levelOfPoints,
  levelPoints,
  pointRules,
  type PointSource,
} from '../../shared/fan-levels.ts';
import { newId } from '../../shared/ids.ts';
import { freshDatabase } from '../support/stack.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 0, 5, 12);

let db: Db;
beforeAll(async () => {
  db = createPostgres({ url: await freshDatabase(), log: createLog('silent') });
});
afterAll(() => db.end());

async function personId(): Promise<string> {
  const id = newId();
  await db.query(`INSERT INTO people (person_id, kind, display_name, email) VALUES ($1, 'account', 'P', $2)`, [
    id,
    `${id}@x.test`,
  ]);
  return id;
}

/** A club with one member who joined at the start. */
async function clubWithFan() {
  const [clubs, points] = [createFanClubStore(db), createFanPointsStore(db)];
  const who = { clubId: await personId(), personId: await personId() };
  await clubs.set(who.clubId, {});
  await clubs.join(who.clubId, [{ personId: who.personId, asks: false }], startMs);
  const pointsNow = async () => (await clubs.membership(who.clubId, who.personId))!.points;
  const deed = (source: PointSource, cause: string, times = 1): Deed => ({ ...who, source, cause, times });
  return { clubs, points, who, pointsNow, deed };
}

describe('points', () => {
  test('come once for the same thing, however often and in how many batches it is told', async () => {
    const { points, pointsNow, deed } = await clubWithFan();
    const twice = [deed('buy', 'order-1'), deed('buy', 'order-1')];

    await Promise.all([points.award(twice, startMs), points.award(twice, startMs)]);

    expect(await pointsNow()).toBe(pointRules.buy.each);
  });

  test('stop at the cap of their source, and begin again the next UTC day', async () => {
    const { points, pointsNow, deed } = await clubWithFan();
    const { each, perDayMax } = pointRules.comment;
    const comments = Array.from({ length: 100 }, (_, i) => deed('comment', `c${i}`));

    await points.award(comments, startMs);
    expect(await pointsNow()).toBe(perDayMax);
    await points.award([deed('comment', 'late')], Date.UTC(2026, 0, 5, 23, 59, 59));
    expect(await pointsNow()).toBe(perDayMax);
    await points.award([deed('comment', 'tomorrow')], Date.UTC(2026, 0, 6));
    expect(await pointsNow()).toBe(perDayMax + each);
  });

  test('are not given to those who are not members', async () => {
    const { clubs, points, who, pointsNow, deed } = await clubWithFan();
    const stranger = { ...deed('share', 's'), personId: await personId() };
    await clubs.leave(who.clubId, who.personId, startMs);

    await points.award([deed('share', 's'), stranger], startMs);

    expect(await pointsNow()).toBe(0);
  });

  test('a bot that does everything all the time gets the caps of its sources and nothing more', async () => {
    const cap = (['watch', 'comment', 'like', 'share', 'buy'] as const).reduce(
      (sum, s) => sum + pointRules[s].perDayMax,
      0,
    );
    const { points, pointsNow, deed } = await clubWithFan();
    const anything = fc.record({
      source: fc.constantFrom<PointSource>('watch', 'comment', 'like', 'share', 'buy'),
      cause: fc.uuid(),
      times: fc.integer({ min: 1, max: 500 }),
      minute: fc.nat({ max: 11 * 60 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 60 }), async (deeds) => {
        for (const { source, cause, times, minute } of deeds)
          await points.award([deed(source, cause, times)], startMs + minute * 60_000);
        expect(await pointsNow()).toBeLessThanOrEqual(cap);
      }),
      { numRuns: 10, seed: 6 },
    );
    expect((await points.audit(null, 100)).drifted).toEqual([]);
  });

  test('are taken back once, no more than there are, also from somebody who has left', async () => {
    const { clubs, points, who, pointsNow, deed } = await clubWithFan();
    const [first, second, unknown] = ['order-1', 'order-2', 'order-3'].map((cause) => deed('buy', cause));
    await points.award([first!, second!], startMs);
    await points.takeWarnings(startMs + 6.1 * dayMs, 1_000);
    for (let day = 8; day < 20; day += 1) await points.decay(startMs + day * dayMs, 1_000);
    const before = await pointsNow();
    await clubs.leave(who.clubId, who.personId, startMs + 20 * dayMs);

    await Promise.all([first!, first!, unknown!].map((cause) => points.takeBack(cause, startMs + 21 * dayMs)));
    expect([before, await pointsNow()]).toEqual([0, 0]);
    await clubs.join(who.clubId, [{ personId: who.personId, asks: false }], startMs + 21 * dayMs);
    await points.award([deed('prize', 'p', 100)], startMs + 21 * dayMs);
    await Promise.all(
      [first!, second!, second!, unknown!].map((cause) => points.takeBack(cause, startMs + 22 * dayMs)),
    );

    expect(await pointsNow()).toBe(100 - pointRules.buy.each);
    expect((await points.rows(who.clubId, who.personId, 2)).map(({ source, cause }) => [source, cause])).toEqual([
      ['return', 'order-2'],
      ['prize', 'p'],
    ]);
    expect((await points.audit(null, 1_000)).drifted).toEqual([]);
  });

  test('the list can not be changed afterwards', async () => {
    const { points, deed } = await clubWithFan();
    await points.award([deed('share', 'x')], startMs);

    await expect(db.query('UPDATE fan_points SET delta = 100')).rejects.toThrow('append-only');
    await expect(db.query('DELETE FROM fan_points')).rejects.toThrow('append-only');
  });
});

describe('decay', () => {
  test('begins seven days after the last points, a day after a warning, once a day, and ends with new points', async () => {
    const { points, who, pointsNow, deed } = await clubWithFan();
    await points.award([deed('prize', 'p', 1_000)], startMs);
    const at = async (days: number) => {
      const warned = await points.takeWarnings(startMs + days * dayMs, 100);
      await points.decay(startMs + days * dayMs, 100);
      return { warned: warned.some(({ personId: warnedId }) => warnedId === who.personId), points: await pointsNow() };
    };

    /** What whoever was away is told on coming back. */
    const told = async () =>
      (await points.warnings(who.personId, 10)).map(({ decaysAtMs }) => (decaysAtMs - startMs) / dayMs);

    expect(await at(5.9)).toEqual({ warned: false, points: 1_000 });
    expect(await told()).toEqual([]);
    expect(await at(6.1)).toEqual({ warned: true, points: 1_000 });
    expect(await told()).toEqual([7.1]);
    expect(await at(6.9)).toEqual({ warned: false, points: 1_000 });
    expect(await at(7.15)).toEqual({ warned: false, points: 950 });
    expect(await at(7.2)).toEqual({ warned: false, points: 950 });
    expect(await at(8.2)).toEqual({ warned: false, points: 903 });
    await points.award([deed('share', 'back')], startMs + 8.3 * dayMs);
    expect(await at(9.3)).toEqual({ warned: false, points: 908 });
    expect(await told()).toEqual([]);
    expect((await points.audit(null, 100)).drifted).toEqual([]);
  });

  test('of one for whom nobody came for days takes the points of one day, and goes on a day later', async () => {
    const { points, pointsNow, deed } = await clubWithFan();
    await points.award([deed('prize', 'p', 1_000)], startMs);
    await points.takeWarnings(startMs + 6.1 * dayMs, 100);

    await points.decay(startMs + 12.5 * dayMs, 100);
    await points.decay(startMs + 12.6 * dayMs, 100);
    const late = await pointsNow();
    await points.decay(startMs + 13.2 * dayMs, 100);

    expect([late, await pointsNow()]).toEqual([950, 903]);
  });

  test('comes to everybody, however many are due: who has waited longest is first', async () => {
    const { clubs, points, who } = await clubWithFan();
    const fans = [who.personId, ...(await Promise.all([personId(), personId(), personId(), personId()]))];
    await clubs.join(
      who.clubId,
      fans.map((id) => ({ personId: id, asks: false })),
      startMs,
    );
    const prizes = fans.map((id, i): Deed => ({
      clubId: who.clubId,
      personId: id,
      source: 'prize',
      cause: `p${i}`,
      times: 100,
    }));
    for (const [i, prize] of prizes.entries()) await points.award([prize], startMs - i * 3_600_000);
    const lateMs = startMs + 30 * dayMs;
    await points.takeWarnings(lateMs, 1_000);
    const standing = async () => Promise.all(fans.map(async (id) => (await clubs.membership(who.clubId, id))!.points));

    const taken = [];
    for (let day = 1; day <= 2; day += 1) {
      const dayMsNow = lateMs + day * (dayMs + 1);
      let members;
      do taken.push((members = await points.decay(dayMsNow, 2)));
      while (members === 2);
    }

    expect(taken.every((members) => members <= 2)).toBe(true);
    expect(await standing()).toEqual([90, 90, 90, 90, 90]);
  });

  test('is not stopped by leaving and coming back, in whatever rhythm', async () => {
    const { clubs, points, who, pointsNow, deed } = await clubWithFan();
    await points.award([deed('prize', 'p', 1_000)], startMs);
    const returns = async (leftDay: number, backDay: number) => {
      await clubs.leave(who.clubId, who.personId, startMs + leftDay * dayMs);
      await clubs.join(who.clubId, [{ personId: who.personId, asks: false }], startMs + backDay * dayMs);
    };
    const at = async (days: number) => {
      const warned = await points.takeWarnings(startMs + days * dayMs, 1_000);
      await points.decay(startMs + days * dayMs, 1_000);
      return { warned: warned.some(({ personId: warnedId }) => warnedId === who.personId), points: await pointsNow() };
    };

    expect(await at(6.1)).toEqual({ warned: true, points: 1_000 });
    await returns(6.5, 6.9);
    expect(await at(7.2)).toEqual({ warned: false, points: 950 });
    await returns(7.3, 7.4);
    expect(await at(8.3)).toEqual({ warned: false, points: 903 });
    await returns(8.4, 16);
    expect(await at(16.1)).toEqual({ warned: false, points: 858 });
    await returns(16.2, 23.3);
    expect(await at(23.4)).toEqual({ warned: false, points: 816 });
    await returns(23.5, 30.6);
    expect(await at(30.7)).toEqual({ warned: false, points: 776 });
  });

  test('takes the last points and no more', () => {
    expect(decayOf(1_000)).toBe(50);
    expect(decayOf(20)).toBe(5);
    expect(decayOf(3)).toBe(3);
    expect(decayOf(0)).toBe(0);
  });
});

test('a sum that is not that of its list is found, in whichever page it stands', async () => {
  const fans = [await clubWithFan(), await clubWithFan(), await clubWithFan()];
  for (const { points, deed } of fans) await points.award([deed('share', 's')], startMs);
  const { points, who } = fans[1]!;
  await db.query('UPDATE fan_memberships SET points = 7 WHERE club_id = $1', [who.clubId]);

  const found = [];
  let after: Fan | null = null;
  do {
    const { drifted, next } = await points.audit(after, 2);
    found.push(...drifted);
    after = next;
  } while (after);

  expect(found).toEqual([{ ...who, kept: 7, summed: pointRules.share.each }]);
});

test('what decays when is said to the member: as the warning said, or a day from now at the earliest', () => {
  const active = { activeAtMs: startMs, decaysAtMs: null };
  expect(decayStart(active, startMs + dayMs)).toBe(startMs + 7 * dayMs);
  expect(decayStart(active, startMs + 20 * dayMs)).toBe(startMs + 21 * dayMs);
  expect(decayStart({ ...active, decaysAtMs: startMs + 9 * dayMs }, startMs + 8.5 * dayMs)).toBe(startMs + 9 * dayMs);
});

test('levels go from 1 to 20 and rise exactly at their points', () => {
  expect(levelMax).toBe(20);
  expect(levelOfPoints(0)).toBe(1);
  levelPoints.forEach((from, i) => expect(levelOfPoints(from)).toBe(i + 1));
  levelPoints.slice(1).forEach((from, i) => expect(levelOfPoints(from - 1)).toBe(i + 1));
  expect(levelOfPoints(1e9)).toBe(20);
});
