import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFanClubStore } from '../../server/features/fan-club/fan-clubs.pg.ts';
import { createFanPointsStore } from '../../server/features/fan-club/fan-points.pg.ts';
import type { Deed } from '../../server/features/fan-club/fan-points.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPostgres, type Db } from '../../server/platform/postgres.ts';
import {
  decayOf,
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
    expect(await points.drifted(10)).toEqual([]);
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

    expect(await at(5.9)).toEqual({ warned: false, points: 1_000 });
    expect(await at(6.1)).toEqual({ warned: true, points: 1_000 });
    expect(await at(6.9)).toEqual({ warned: false, points: 1_000 });
    expect(await at(7.1)).toEqual({ warned: false, points: 950 });
    expect(await at(7.2)).toEqual({ warned: false, points: 950 });
    expect(await at(8.1)).toEqual({ warned: false, points: 903 });
    await points.award([deed('share', 'back')], startMs + 8.2 * dayMs);
    expect(await at(9.1)).toEqual({ warned: false, points: 908 });
    expect(await points.drifted(10)).toEqual([]);
  });

  test('takes the last points and no more', () => {
    expect(decayOf(1_000)).toBe(50);
    expect(decayOf(20)).toBe(5);
    expect(decayOf(3)).toBe(3);
    expect(decayOf(0)).toBe(0);
  });
});

test('levels go from 1 to 20 and rise exactly at their points', () => {
  expect(levelMax).toBe(20);
  expect(levelOfPoints(0)).toBe(1);
  levelPoints.forEach((from, i) => expect(levelOfPoints(from)).toBe(i + 1));
  levelPoints.slice(1).forEach((from, i) => expect(levelOfPoints(from - 1)).toBe(i + 1));
  expect(levelOfPoints(1e9)).toBe(20);
});
