import { beforeEach, describe, expect, test } from 'vitest';
import { backlogLimits, createMember } from '../../server/features/room-log/member.socket.ts';
import type { Frame } from '../../server/features/room-log/feed.ts';
import type { GatewaySocket } from '../../server/gateway/call.ts';

/** What is asked of a frame, as text: which form, and from where. */
const frameOf = (from: number, to: number, more: Partial<Frame> = {}): Frame => {
  const encoded = (text: string) => ({ text, frame: Buffer.from(text) });
  const frame: Frame = {
    from,
    to,
    isCut: false,
    hasImportant: false,
    hasAggregates: false,
    ...more,
    whole: () => encoded('whole'),
    withoutAmbient: () => encoded('without ambient'),
    since: (theirs, share) => encoded(`${share} since ${theirs}`),
    as: () => frame,
  };
  return frame;
};

describe('a reader of frames', () => {
  let backlog: number;
  let written: string[];
  let closed: [number, string] | null;
  let member: ReturnType<typeof createMember>;

  beforeEach(() => {
    backlog = 0;
    written = [];
    closed = null;
    const ws = {
      readyState: 1,
      get bufferedAmount() {
        return backlog;
      },
      close: (code: number, reason: string) => (closed = [code, reason]),
      terminate: () => undefined,
      _sender: { sendFrame: ([frame]: Buffer[]) => written.push(frame!.toString()) },
    };
    const conn = { readyState: 'open', writeBuffer: [], transport: { socket: ws } };
    // The one part that no test can make slow at will is the kernel's buffer, so the socket is a stand-in.
    const socket = { conn, emit: (name: string) => written.push(name) } as unknown as GatewaySocket;
    member = createMember(socket, 'ana', { epoch: 'e', offset: 10 });
  });

  test('that keeps up gets whole frames', () => {
    member.take(frameOf(10, 12));
    member.take(frameOf(12, 13));

    expect(written).toEqual(['whole', 'whole']);
  });

  test('loses aggregates first, then chat, and is told what it lost when it has caught up', () => {
    backlog = backlogLimits.aggregates + 1;
    member.take(frameOf(10, 12));
    backlog = backlogLimits.chat + 1;
    member.take(frameOf(12, 14));
    member.take(frameOf(14, 15, { hasImportant: true }));
    member.take(frameOf(15, 17));
    backlog = 0;
    member.take(frameOf(17, 18));
    member.take(frameOf(18, 19));

    expect(written).toEqual(['without ambient', 'important since 12', 'all since 15', 'whole']);
  });

  test('gets all aggregates once it reads again, though it lost those of a single frame', () => {
    backlog = backlogLimits.aggregates + 1;
    const lacking = member.take(frameOf(10, 12, { hasAggregates: true }));
    const stillLacking = member.take(frameOf(12, 13));
    backlog = 0;
    const whole = member.take(frameOf(13, 14));
    member.take(frameOf(14, 15));

    expect(written).toEqual(['without ambient', 'without ambient', 'all since 13', 'whole']);
    expect([lacking, stillLacking, whole]).toEqual([false, false, true]);
  });

  test('says so when it was left out of a frame that it was not told of', () => {
    backlog = backlogLimits.chat + 1;
    const left = member.take(frameOf(10, 12));
    const told = member.take(frameOf(12, 13, { hasImportant: true }));

    expect([left, told]).toEqual([false, true]);
  });

  test('that takes nothing is closed with a code that says resume, and gets nothing more', () => {
    backlog = backlogLimits.connection + 1;
    member.take(frameOf(10, 12));
    member.take(frameOf(12, 13));

    expect(closed).toEqual([4008, 'SLOW_READER']);
    expect(written).toEqual(['session:ended']);
  });

  test('is told of a cut as it is, so that it asks for what it missed', () => {
    member.take(frameOf(3_000, 3_000, { isCut: true }));
    member.take(frameOf(3_000, 3_001));

    expect(written).toEqual(['whole', 'whole']);
  });
});
