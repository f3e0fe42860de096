import { randomBytes, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChatStore } from '../../server/features/chat/chat-store.pg.ts';
import { createArchiveListeners, type Archived } from '../../server/features/room-log/archive-listeners.ts';
import { createArchive } from '../../server/features/room-log/archive.pg.ts';
import { createArchiving } from '../../server/features/room-log/archiving.ts';
import { visibleOf } from '../../server/features/room-log/frame-text.ts';
import { createHearingOwed } from '../../server/features/room-log/hearing-owed.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { everyLine } from '../../server/features/room-log/redacts.ts';
import { createTakingBackAgain } from '../../server/features/room-log/taken-back-again.ts';
import { createNews } from '../../server/features/room-log/news.redis.ts';
import { eventually } from '../support/eventually.ts';
import { twoGateways, type TwoGateways } from '../room/two-gateways.ts';

/** Ms. */
const isAboutAWeek = (ms: number): boolean => ms > 6 * 86_400_000 && ms <= 7 * 86_400_000;

describe('the archive of a room whose log had several lives', () => {
  let house: TwoGateways;
  let redis: Redis;

  beforeAll(async () => {
    house = await twoGateways({ settings: { NIGHTMARKET_ROLES: 'gateway' } });
    redis = house.here.platform.redis.commands;
  });
  afterAll(() => house.close());

  /** `nowMs`: the clock of the process that archives. */
  async function archived(nowMs = () => Date.now(), hear?: ReturnType<typeof createArchiveListeners>['hear']) {
    const { roomId } = await house.show();
    // News of its own for each call: rooms are noted once a second, and the test is faster than that.
    const news = (clock = () => Date.now()) => createNews(redis, { name: 'log:news', nowMs: clock });
    const store = createLogStore(redis, { chatPerSecondMax: 100, onAppend: (noted) => news().note(noted) });
    const archive = createArchive(house.here.platform.db);
    const [lost, failed] = [[] as number[], [] as string[]];
    /** Rooms of each question where logs end, rooms that were seen for the first time, in order, and those of each transaction. */
    const [asked, taken, added] = [[] as (readonly string[])[], [] as string[], [] as string[][]];
    const heard: string[] = [];
    /** Happens once, right after the archive has asked where the log ends. */
    const then = { run: async (): Promise<unknown> => undefined };
    const { takeNews } = createArchiving({
      store: {
        ...store,
        async end(endedId) {
          const end = await store.end(endedId);
          const { run } = then;
          then.run = async () => undefined;
          await run();
          return end;
        },
        ends(roomIds) {
          asked.push(roomIds);
          return store.ends(roomIds);
        },
      },
      news: news(nowMs),
      archive: {
        ...archive,
        add(stretches, options) {
          added.push(stretches.map((stretch) => stretch.roomId));
          return archive.add(stretches, options);
        },
        moveTo(takenId, position) {
          taken.push(takenId);
          return archive.moveTo(takenId, position);
        },
      },
      async hear(stretches) {
        const own = stretches.filter((stretch) => stretch.roomId === roomId);
        heard.push(...own.flatMap(({ entries }) => entries.map(({ entryId }) => entryId)));
        return hear?.(stretches) ?? true;
      },
      takeBackAgain: createTakingBackAgain(store),
      retentionDays: 1,
      onLost: (_roomId, entries) => lost.push(entries),
      onError: (_error, failedId) => failed.push(failedId),
    });
    const said = async () =>
      (await archive.before(roomId, 'reader', { atMs: null, offset: null }, 100)).map(({ body }) => body).reverse();
    const append = async (text: string, redacts: string[] = []) => {
      const entry = { lane: 'chat', senderId: 'ana', redacts, kind: 'chat:message' } as const;
      const tail = { ...entry, entryId: text, body: JSON.stringify({ text }) };
      await store.append(roomId, [{ tail, clientKey: randomUUID() }]);
    };
    const waiting = async () => (await news().waiting()).map((room) => room.roomId);
    return { roomId, append, takeNews, said, waiting, lost, failed, asked, taken, added, heard, then };
  }

  const messagesIn = (entries: readonly { kind: string; body: string }[]): unknown[] =>
    entries.flatMap(({ kind, body }) => (kind === 'chat:message' ? [JSON.parse(body)] : []));

  /** To a millisecond it is not known what came first. */
  const clockIsPast = (atMs: number) =>
    eventually(async () => {
      const [seconds, microseconds] = (await redis.time()) as [number, number];
      return seconds * 1_000 + microseconds / 1_000 >= atMs + 1;
    });

  /** As a new start of Redis would: the next append finds another run than the one it knows. */
  const newLife = (roomId: string) =>
    redis.hset(`nm:v1:{room:${roomId}}:log:meta`, 'runId', randomBytes(4).toString('hex'));

  test('what was taken back in the end that Redis lost is taken back again', async () => {
    const { roomId, append, takeNews } = await archived();
    const store = createLogStore(redis, { chatPerSecondMax: 100 });
    const archive = createArchive(house.here.platform.db);
    const tail = { lane: 'chat', entryId: '', redacts: [], kind: 'chat:message', body: '{}' } as const;
    const [messageId, vileId] = [randomUUID(), randomUUID()];
    const [said] = await store.append(roomId, [
      { tail: { ...tail, senderId: 'ana', entryId: messageId }, clientKey: messageId },
      { tail: { ...tail, senderId: 'troll', entryId: vileId }, clientKey: vileId },
      { tail: { ...tail, senderId: 'ana' }, clientKey: undefined },
    ]);
    await takeNews();
    // Taken back and answered; then the server comes back without the entry that did it.
    await archive.redact(roomId, { ...said!, atMs: said!.atMs + 1 }, [messageId, 'sender:troll']);
    await newLife(roomId);
    await append('in the next life');
    await takeNews();
    await takeNews();

    const kept = await store.entriesAfter(roomId, 0, 100);
    const shown = visibleOf(kept).entries.filter(({ kind }) => kind === 'chat:message');
    expect(shown.map(({ entryId }) => entryId)).not.toContain(messageId);
    expect(shown.map(({ senderId }) => senderId)).toContain('ana');
    expect(shown.map(({ senderId }) => senderId)).not.toContain('troll');
    expect(kept.filter(({ redacts }) => redacts.length > 0).map(({ kind }) => kind)).toEqual([
      'chat:deleted',
      'chat:purged',
    ]);
  });

  test.each([
    ['a chat that was cleared', 'chat:cleared', everyLine],
    ['who was purged', 'chat:purged', 'sender:ana'],
  ])('%s in the end that Redis lost is so again, and what was said since stays', async (_what, kindAgain, redacts) => {
    const { roomId, takeNews, said } = await archived();
    const store = createLogStore(redis, { chatPerSecondMax: 100 });
    const message = { lane: 'chat', senderId: 'ana', redacts: [], kind: 'chat:message' } as const;
    const append = (text: string) => {
      const tail = { ...message, entryId: text, body: JSON.stringify({ text }) };
      return store.append(roomId, [{ tail, clientKey: text }]);
    };
    await append('vile words');
    await takeNews();
    const [last] = await store.lastEntries(roomId, 1);
    const { epoch } = (await store.end(roomId))!;
    await createArchive(house.here.platform.db).redact(
      roomId,
      { epoch, offset: last!.offset + 1, atMs: last!.atMs + 1 },
      [redacts],
    );
    await newLife(roomId);
    await clockIsPast(last!.atMs + 1);
    await append('said since');
    await takeNews();
    await newLife(roomId); // And once more: what was said again is kept now.
    await append('said in the third life');
    await takeNews();
    await takeNews();

    const kept = await store.entriesAfter(roomId, 0, 100);
    const since = [{ text: 'said since' }, { text: 'said in the third life' }];
    expect(messagesIn(visibleOf(kept).entries)).toEqual(since);
    expect(kept.filter(({ kind }) => kind === kindAgain)).toHaveLength(1);
    expect(await store.recall(roomId, 'vile words')).toMatchObject({ redacted: true });
    expect(await store.recall(roomId, 'said since')).toMatchObject({ redacted: false });
    expect((await said()).filter((body) => 'text' in (body as object))).toEqual(since);
  });

  test('a chat that was cleared and a person who was purged last lose nothing of what is said after a start without loss', async () => {
    const { roomId, append, takeNews, said } = await archived();
    const store = createLogStore(redis, { chatPerSecondMax: 100 });
    await append('vile words');
    const purge = { lane: 'host', senderId: '', entryId: '', kind: 'chat:purged', body: '{}' } as const;
    const redacts = [everyLine, 'sender:ana'];
    const [purged] = await store.append(roomId, [{ tail: { ...purge, redacts }, clientKey: undefined }]);
    await createArchive(house.here.platform.db).redact(roomId, purged!, redacts);
    await takeNews();
    await newLife(roomId);
    await clockIsPast(purged!.atMs);
    await append('good morning');
    await takeNews();
    await takeNews();

    expect(messagesIn(visibleOf(await store.entriesAfter(roomId, 0, 100)).entries)).toEqual([{ text: 'good morning' }]);
    expect(await said()).toContainEqual({ text: 'good morning' });
  });

  test('a chat that was cleared while the archive was behind keeps what was said since, in that life and the next', async () => {
    const { roomId, append, takeNews, said } = await archived();
    const store = createLogStore(redis, { chatPerSecondMax: 100 });
    await append('vile words');
    await takeNews();
    const tail = { lane: 'host', senderId: '', entryId: '', redacts: [everyLine], kind: 'chat:cleared' } as const;
    const [cleared] = await store.append(roomId, [{ tail: { ...tail, body: '{}' }, clientKey: undefined }]);
    await createArchive(house.here.platform.db).redact(roomId, cleared!, [everyLine]);
    await clockIsPast(cleared!.atMs);
    await append('hello again');
    await newLife(roomId);
    await append('good morning');
    await takeNews();
    await takeNews();

    const since = [{ text: 'hello again' }, { text: 'good morning' }];
    expect(messagesIn(visibleOf(await store.entriesAfter(roomId, 0, 100)).entries)).toEqual(since);
    expect((await said()).filter((body) => 'text' in (body as object))).toEqual(since);
  });

  test('nothing is archived twice when Redis was started twice and nobody spoke in between', async () => {
    const { roomId, append, takeNews, said } = await archived();
    await append('first life');
    await takeNews();
    for (let start = 0; start < 2; start++) {
      await newLife(roomId);
      await createLogStore(redis, { chatPerSecondMax: 100 }).append(roomId, []);
      await takeNews();
    }
    await append('third life');
    await takeNews();

    expect((await said()).filter((body) => 'text' in (body as object))).toEqual([
      { text: 'first life' },
      { text: 'third life' },
    ]);
  });

  test('nothing is archived twice or left out when the log had several lives between two looks of the archive', async () => {
    const { roomId, append, takeNews, said } = await archived();
    await append('first life');
    await append('first life, the end');
    await takeNews();
    for (const life of ['second', 'third', 'fourth']) {
      await newLife(roomId);
      await append(`${life} life`);
    }
    await takeNews();

    expect((await said()).filter((body) => 'text' in (body as object))).toEqual(
      ['first life', 'first life, the end', 'second life', 'third life', 'fourth life'].map((text) => ({ text })),
    );
  });

  test('nothing is archived twice when another life begins while the archive reads', async () => {
    const { roomId, append, takeNews, said, then } = await archived();
    await append('first life');
    then.run = async () => {
      await newLife(roomId);
      await append('second life');
    };
    await takeNews();
    await takeNews();

    expect((await said()).filter((body) => 'text' in (body as object))).toEqual([
      { text: 'first life' },
      { text: 'second life' },
    ]);
  });

  test('what was said is archived however long the archive was away, and the room is looked at no longer than needed', async () => {
    let awayMs = 3 * 3_600_000;
    const { roomId, append, takeNews, said, waiting } = await archived(() => Date.now() + awayMs);
    await append('said before the archive was lost');
    await takeNews();
    const texts = (await said()).filter((body) => 'text' in (body as object));
    const afterwards = await waiting();
    awayMs = 0;
    await append('the room is noted again');

    expect(texts).toEqual([{ text: 'said before the archive was lost' }]);
    expect(afterwards).not.toContain(roomId);
    expect(await waiting()).toContain(roomId);
  });

  test.each([
    ['some of it', 2, 3],
    ['all of it', 0, 5],
  ])('what the log forgot before the archive took it is counted once: %s', async (_what, kept, gone) => {
    const { roomId, append, takeNews, said, lost } = await archived();
    await append('taken in time');
    await takeNews();
    for (const text of ['1', '2', '3', '4', '5']) await append(text);
    await redis.xtrim(`nm:v1:{room:${roomId}}:log`, 'MAXLEN', kept);

    await takeNews();
    await takeNews();
    await append('the next');
    await takeNews();

    expect(lost).toEqual([gone]);
    expect((await said()).filter((body) => 'text' in (body as object))).toEqual(
      ['taken in time', ...['4', '5'].slice(0, kept), 'the next'].map((text) => ({ text })),
    );
  });

  test('Redis forgets a room in the end, and keeps it while something happens there', async () => {
    const { roomId, append } = await archived();
    await append('hello');
    const keys = await redis.keys(`*{room:${roomId}}*`);

    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) expect([key, await redis.pttl(key)]).toEqual([key, expect.toSatisfy(isAboutAWeek)]);

    const { roomId: overId, host } = await house.show();
    const staff = await house.visit(house.here, overId, host);
    await staff.client.request('room:cancel', { roomId: overId });
    const keptMs = async () => {
      const logs = await redis.keys(`*{room:${overId}}:log*`);
      return Promise.all(logs.map((key) => redis.pttl(key)));
    };
    const isAboutADay = (all: number[]) => all.length > 2 && all.every((ms) => ms > 80_000_000 && ms <= 86_400_000);
    expect(await keptMs()).toSatisfy(isAboutADay);

    // Nor longer for what is said after the end; and who comes to look keeps it no longer.
    const store = createLogStore(redis, { chatPerSecondMax: 100 });
    const tail = {
      lane: 'host',
      senderId: '',
      entryId: '',
      redacts: [],
      kind: 'media:publishers',
      body: '{}',
    } as const;
    await store.append(overId, [{ tail, clientKey: randomUUID() }]);
    expect(await keptMs()).toSatisfy(isAboutADay);
    await redis.pexpire(`nm:v1:{room:${overId}}:log`, 60_000);
    await house.visit(house.there, overId);
    await store.append(overId, []);
    expect(await redis.pttl(`nm:v1:{room:${overId}}:log`)).toBeLessThanOrEqual(60_000);

    // A group that is opened again is kept as if it had never been closed.
    await store.letGo(overId, false);
    expect(await keptMs()).toSatisfy((all: number[]) => all.every(isAboutAWeek));
    await store.append(overId, [{ tail, clientKey: randomUUID() }]);
    expect(await keptMs()).toSatisfy((all: number[]) => all.every(isAboutAWeek));
  });

  test('rooms that are level are looked at together, and who is most behind comes first', async () => {
    const quiet = await Promise.all(Array.from({ length: 10 }, () => archived()));
    for (const { append } of quiet) await append('said once');
    await quiet[0]!.takeNews();
    const [less, more, round] = [await archived(), await archived(), await archived()];
    await less.append('1');
    for (const text of ['1', '2', '3']) await more.append(text);

    await round.takeNews();

    expect(round.taken.filter((roomId) => roomId !== round.roomId)).toEqual([more.roomId, less.roomId]);
    expect(round.asked).toEqual([expect.arrayContaining(quiet.map(({ roomId }) => roomId))]);
  });

  test('rooms where little happened share a transaction, and one that fails or begins anew keeps no other waiting', async () => {
    const [one, other, anew, poisoned] = await Promise.all([archived(), archived(), archived(), archived()]);
    for (const { append } of [one, other, anew, poisoned]) await append('first');
    await one.takeNews();
    const lastOf = async ({ said }: typeof one) => (await said()).at(-1);

    await newLife(anew.roomId);
    for (const { append } of [one, other, anew]) await append('second');
    await other.takeNews();
    const shared = other.added.find((roomIds) => roomIds.includes(one.roomId));
    expect(shared).toEqual(expect.arrayContaining([one.roomId, other.roomId]));
    expect(shared).not.toContain(anew.roomId);
    for (const room of [one, other, anew]) expect(await lastOf(room)).toEqual({ text: 'second' });

    await one.append('third');
    await poisoned.append('PostgreSQL does not take \u0000');
    await poisoned.takeNews();
    expect(await lastOf(one)).toEqual({ text: 'third' });
    expect(poisoned.failed).toEqual([poisoned.roomId]);
    // Heard before it is archived, so once more for each time that this failed.
    expect(poisoned.heard).toEqual(Array(2).fill('PostgreSQL does not take \u0000'));
    await redis.del(`nm:v1:{room:${poisoned.roomId}}:log`);
  });

  test('what is older than it is kept for is deleted, some at a time, and nothing that is younger by an hour', async () => {
    const { roomId } = await house.show();
    const { db } = house.here.platform;
    const archive = createArchive(db);
    const chat = createChatStore(db);
    const aged = async (hours: readonly number[]) => {
      const of = [roomId, hours.map(() => randomUUID()), hours];
      await db.query(
        `INSERT INTO room_log_entries (room_id, epoch, entry_offset, at, kind, sender_id, entry_id, thinned, body)
         SELECT $1, 'e', hours, now() - make_interval(hours => hours), 'chat:message', '', id, false, '{}'
         FROM unnest($2::text[], $3::int[]) AS t (id, hours)`,
        of,
      );
      await db.query(
        `INSERT INTO room_log_redactions (room_id, what, at) SELECT $1, id, now() - make_interval(hours => hours)
         FROM unnest($2::text[], $3::int[]) AS t (id, hours)`,
        of,
      );
      await db.query(
        `INSERT INTO held_messages (message_id, room_id, sender_id, message, reason, held_at)
         SELECT id, $1, r.host_id, '{}', 'link', now() - make_interval(hours => hours)
         FROM unnest($2::uuid[], $3::int[]) AS t (id, hours), rooms r WHERE r.room_id = $1`,
        of,
      );
    };
    const left = async () => {
      const tables = ['room_log_entries', 'room_log_redactions', 'held_messages'].map(
        (table) => `(SELECT count(*) FROM ${table} WHERE room_id = $1) AS ${table}`,
      );
      const { rows } = await db.query<Record<string, number>>(`SELECT ${tables.join(', ')}`, [roomId]);
      return Object.values(rows[0]!);
    };
    const days = 10;
    await aged([0, 24 * days - 1, 24 * days + 1, 24 * days + 2, 24 * 400]);

    const first = await archive.deleteOlderThan(days, 2);
    await chat.forgetHeld(days, 2);
    expect([first, await left()]).toEqual([2, [3, 3, 3]]);
    await archive.deleteOlderThan(days, 100);
    await chat.forgetHeld(days, 100);
    expect(await left()).toEqual([2, 2, 2]);
  });

  test('who listens and is slow, or fails, holds up no archive, and hears the lines again when the log has forgotten them', async () => {
    const listeners = createArchiveListeners(() => undefined);
    const [slow, failing] = [[] as string[], [] as string[]];
    const own = (lines: readonly Archived<'chat:message'>[]) =>
      lines.filter((line) => line.roomId === roomId).map(({ body }) => body.text);
    let release = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    listeners.on('chat:message', async (lines) => {
      slow.push(...own(lines));
      await stuck;
    });
    listeners.on('chat:message', async (lines) => {
      failing.push(...own(lines));
      if (failing.length === 1) throw new Error('once');
    });
    const { roomId, append, takeNews, said } = await archived(undefined, listeners.hear);
    for (const text of ['a', 'b']) {
      await append(text);
      await takeNews();
    }
    const archivedMeanwhile = (await said()).slice(-2);
    const slowMeanwhile = [...slow];
    await redis.del(`nm:v1:{room:${roomId}}:log`);
    release();
    const hearOwed = createHearingOwed({
      archive: createArchive(house.here.platform.db),
      hear: listeners.hearAgain,
    });
    await hearOwed();
    await hearOwed();

    expect(archivedMeanwhile).toEqual([{ text: 'a' }, { text: 'b' }]);
    expect(slowMeanwhile).toEqual(['a']); // Not asked again while it has not answered.
    expect(slow).toEqual(['a', 'a', 'b']);
    expect(failing).toEqual(['a', 'b', 'a', 'b']);
  });

  test('what is taken back after Redis was emptied does not come back from the archive', async () => {
    const { append, takeNews, said } = await archived();
    await append('a');
    await append('b');
    await append('c');
    await takeNews();
    await redis.flushall();
    await append('taking b back', ['b']);
    await takeNews();

    expect((await said()).filter((body) => 'text' in (body as object))).toEqual([
      { text: 'a' },
      { text: 'c' },
      { text: 'taking b back' },
    ]);
  });
});
