import { expect, test } from 'vitest';
import {
  checkHistory,
  type ClientEvent,
  type ClientHistory,
  type KeptLog,
  type SendHistory,
} from './history-checker.ts';

const shown = (text: string) => ({ text, mayBeOmitted: false });
const thinned = (text: string) => ({ text, mayBeOmitted: true });
const log: KeptLog = new Map([
  [1, shown('room:changed')],
  [2, thinned('a')],
  [3, shown('b')],
  [4, thinned('c')],
  [5, shown('d')],
]);
const entry = (offset: number): ClientEvent => ({ what: 'entry', offset, text: log.get(offset)!.text });
const snapshot: ClientEvent = { what: 'snapshot', epoch: 'e', offset: 1 };
const sends: SendHistory[] = [2, 3, 4, 5].map((offset) => ({ text: log.get(offset)!.text, offset }));
const client = (...events: ClientEvent[]): ClientHistory[] => [{ name: 'ana', events, end: 5 }];

test('a right history is found right: everything seen, or what is missing told', () => {
  expect(checkHistory(log, client(snapshot, entry(2), entry(3), entry(4), entry(5)), sends)).toEqual([]);
  expect(checkHistory(log, client(snapshot, { what: 'omitted', count: 2 }, entry(3), entry(5)), sends)).toEqual([]);
  expect(checkHistory(log, client(snapshot, entry(2), { ...snapshot, offset: 4 }, entry(5)), sends)).toEqual([]);
});

test.each<[string, ClientHistory[], SendHistory[], KeptLog]>([
  ['an entry lost in the middle', client(snapshot, entry(2), entry(4), entry(5)), sends, log],
  ['the last entry lost', client(snapshot, entry(2), entry(3), entry(4)), sends, log],
  ['an entry twice', client(snapshot, entry(2), entry(3), entry(3), entry(4), entry(5)), sends, log],
  ['two entries the wrong way round', client(snapshot, entry(3), entry(2), entry(4), entry(5)), sends, log],
  [
    'an omission told too late',
    client(snapshot, entry(3), { what: 'omitted', count: 1 }, entry(4), entry(5)),
    sends,
    log,
  ],
  [
    'an omission that was none',
    client(snapshot, { what: 'omitted', count: 1 }, entry(2), entry(3), entry(4), entry(5)),
    sends,
    log,
  ],
  [
    'an entry told as omitted that had to be shown',
    client(snapshot, { what: 'omitted', count: 1 }, entry(2), entry(4), entry(5)),
    sends,
    log,
  ],
  [
    'the last entry told as omitted, though nothing took it back',
    client(snapshot, entry(2), entry(3), entry(4), { what: 'omitted', count: 1 }),
    sends,
    log,
  ],
  [
    'an entry nobody wrote',
    client(snapshot, { what: 'entry', offset: 2, text: 'x' }, entry(3), entry(4), entry(5)),
    sends,
    log,
  ],
  ['a client that never got in', client(), sends, log],
  [
    'a message acknowledged and not kept',
    client(snapshot, entry(2), entry(3), entry(4), entry(5)),
    [{ text: 'z', offset: 9 }],
    log,
  ],
  [
    'a retry kept twice',
    client(snapshot, entry(2), entry(3), entry(4), { what: 'entry', offset: 5, text: 'c' }),
    sends,
    new Map([...log, [5, shown('c')]]),
  ],
])('the checker finds %s', (_bug, clients, sent, kept) => {
  expect(checkHistory(kept, clients, sent)).not.toEqual([]);
});
