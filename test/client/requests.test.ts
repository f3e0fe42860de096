import { describe, expect, test } from 'vitest';
import { createRoomSession } from '../../shared/client/room.ts';
import type { z } from 'zod';
import type { Command } from '../../shared/protocol/define.ts';
import { commands } from '../../shared/protocol/index.ts';
import { reads, repeatable } from '../../shared/protocol/repeatable.ts';
import { createRequests, type Request } from '../../shared/client/requests.ts';
import { createServerClock } from '../../shared/client/server-clock.ts';
import type { Time } from '../../shared/client/time.ts';
import { AppError, describeError, type ErrorCode, type ErrorExtras } from '../../shared/errors.ts';

/** Time that passes when somebody waits, and how long they did. */
function waiting() {
  const waits: number[] = [];
  const time: Time = {
    nowMs: () => 0,
    random: () => 1,
    after(ms, run) {
      waits.push(ms);
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  };
  return { waits, time };
}

const refusal = (code: ErrorCode, extras: ErrorExtras = {}) => ({
  ok: false,
  error: describeError(new AppError(code, undefined, extras)),
});
const lost = 'lost';

/** Requests over a socket that answers like this, one after another. */
function answering(...answers: unknown[]) {
  const { waits, time } = waiting();
  const sent: unknown[] = [];
  const socket = {
    timeout: () => ({
      async emitWithAck(_name: string, input: unknown) {
        sent.push(input);
        const answer = answers.shift();
        if (answer === lost) throw new Error('operation has timed out');
        return answer;
      },
    }),
  };
  return { request: createRequests(socket as never, time), sent, waits };
}

describe('requests of the typed client', () => {
  const done = { ok: true, data: { left: true } };
  const leave = (request: Request, options = {}) =>
    request('room:leave', { roomId: 'r' }, options).catch((error: unknown) => (error as AppError).code);

  test.each([
    ['an answer', [done], done.data, []],
    [
      'a refusal that may pass, until it has passed',
      [refusal('RETRY'), refusal('DRAINING'), done],
      done.data,
      [300, 600],
    ],
    ['no sooner than the server says', [refusal('RATE_LIMITED', { retryAfterMs: 9_000 }), done], done.data, [9_000]],
    ['not while somebody waits for minutes', [refusal('RATE_LIMITED', { retryAfterMs: 10_001 })], 'RATE_LIMITED', []],
    ['what is no more so in a moment', [refusal('CONFLICT', { retryAfterMs: 2_000 }), done], done.data, [2_000]],
    ['four times at the most', [1, 2, 3, 4, 5].map(() => refusal('RETRY')), 'RETRY', [300, 600, 1_200]],
    ['a refusal for good', [refusal('FORBIDDEN'), done], 'FORBIDDEN', []],
    ['nothing, for what may have been done already', [lost, done], 'RETRY', []],
  ])('%s', async (_what, answers, outcome, waited) => {
    const { request, waits } = answering(...answers);

    expect(await leave(request)).toEqual(outcome);
    expect(waits).toEqual(waited);
  });

  test('what has a key, or may be done twice, is sent again when its answer was lost: the same', async () => {
    const keyed = answering(lost, { ok: true, data: {} });
    await keyed.request('chat:send', { roomId: 'r', text: 'hello', requestKey: 'a-request-key' });
    const repeatable = answering(lost, done);

    expect(await leave(repeatable.request, { repeatable: true })).toEqual(done.data);
    expect(keyed.sent).toHaveLength(2);
    expect(keyed.sent[1]).toEqual(keyed.sent[0]);
    const setting = answering(lost, { ok: true, data: { pinned: null } });
    await setting.request('chat:pin', { roomId: 'r', messageId: null });
    expect(setting.sent).toHaveLength(2);
    const overtaken = answering(lost, { ok: true, data: { pinned: null } }, { ok: true, data: { pinned: null } });
    const first = overtaken.request('chat:pin', { roomId: 'r', messageId: 'a' });
    await overtaken.request('chat:pin', { roomId: 'r', messageId: null });
    await expect(first).rejects.toMatchObject({ code: 'RETRY' });
    expect(overtaken.sent).toHaveLength(2);
    const beside = answering(lost, done, done);
    const [kept] = [leave(beside.request, { repeatable: true }), leave(beside.request)];
    expect(await kept).toEqual(done.data);
    expect(beside.sent).toHaveLength(3);
    const reading = answering(lost, done);
    await expect(reading.request('chat:state', { roomId: 'r' })).rejects.toMatchObject({ code: 'RETRY' });
    expect(reading.sent).toHaveLength(1);
  });

  test('what reads may be sent again, all of it; what has a key for that is not on the list', () => {
    const all = Object.entries(commands) as [string, Command][];
    const fieldsOf = ({ input }: Command) => Object.keys((input as z.ZodObject).shape);
    const gets = all.filter(([, { http }]) => http?.method === 'GET').map(([name]) => name);
    const keyed = all.filter(([, definition]) => fieldsOf(definition).includes('requestKey')).map(([name]) => name);

    expect(gets.filter((name) => !reads.has(name))).toEqual([]);
    expect([...repeatable].filter((name) => gets.includes(name) && !reads.has(name))).toEqual([]);
    expect(keyed.length).toBeGreaterThan(5);
    expect(keyed.filter((name) => repeatable.has(name))).toEqual([]);
  });
});

describe('a room that refuses', () => {
  /** Joins with these refusals, one after another; resolves with why it is over, or undefined while it is not. */
  async function joining(...refusals: AppError[]) {
    const { waits, time } = waiting();
    const request = async () => {
      throw refusals.shift() ?? new AppError('NOT_FOUND');
    };
    const clock = createServerClock(time.nowMs);
    const room = createRoomSession({ roomId: 'r', request, clock, time, onLeft: () => undefined });
    const removed = new Promise<string>((resolve) => room.on('removed', ({ reason }) => resolve(reason)));
    room.join();
    return { reason: await removed, waits, state: room.state() };
  }

  test('is asked again for what may pass, no sooner than it says', async () => {
    const { waits } = await joining(
      new AppError('RATE_LIMITED', undefined, { retryAfterMs: 5_000 }),
      new AppError('RETRY'),
    );

    expect(waits).toEqual([5_200, 400]);
  });

  test.each(['CONFLICT', 'BAD_INPUT', 'FORBIDDEN'] as const)(
    'is not asked again after %s, and the reason is told',
    async (code) => {
      expect(await joining(new AppError(code))).toEqual({ reason: code, waits: [], state: 'left' });
    },
  );
});
