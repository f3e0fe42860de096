import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { roomEvents } from '../../shared/protocol/index.ts';
import { newKey, twoGateways, type TwoGateways } from '../room/two-gateways.ts';
import { startBalancer } from '../room-log/balancer.ts';
import { checkHistory, type ClientEvent, type SendHistory } from '../room-log/history-checker.ts';
import { keptLog } from '../room-log/kept-log.ts';
import { startChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { Stranger, type Told } from './stranger.ts';

describe('a client written from docs/protocol.md alone', () => {
  let house: TwoGateways;
  const strangers: Stranger[] = [];

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(async () => {
    for (const stranger of strangers) stranger.close();
    await house.close();
  });

  async function arrive(url: string, roomId: string): Promise<Stranger> {
    const stranger = await Stranger.arrive(url, 'A stranger');
    strangers.push(stranger);
    stranger.enter(roomId);
    await eventually(() => stranger.isIn);
    return stranger;
  }
  const saidTo = ({ told }: Stranger): unknown[] =>
    told.flatMap((event) => (event.what === 'entry' && event.kind === 'chat:message' ? [event.body['text']] : []));

  test('imports nothing of ours', async () => {
    const source = await readFile(new URL('./stranger.ts', import.meta.url), 'utf8');

    expect(source.match(/from '([^']+)'/g)).toEqual([`from 'socket.io-client'`]);
  });

  test('of the first page is a program that runs as it stands there, and knows every kind of entry there is', async () => {
    const { roomId } = await house.show();
    const host = await house.visit(house.here, roomId);
    const page = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
    const [, source = ''] = /```js\n([^]*?)\n```\n/.exec(page) ?? [];

    const network = await startTcpProxy(house.there.url);
    const program = execFile(process.execPath, ['--input-type=module', '-e', source, network.url, roomId]);
    onTestFinished(async () => {
      program.kill();
      if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
      await eventually(() => network.connections === 0);
      await network.close();
    });
    let printed = '';
    program.stdout!.on('data', (text: string) => (printed += text));
    const say = (text: string) => host.client.request('chat:send', { roomId, text, requestKey: newKey() });

    await eventually(() => /saying hello: sent/.test(printed) && /Hello: Hello!/.test(printed));
    await eventually(() => host.texts().includes('Hello!'));
    await say('welcome');
    await eventually(() => /: welcome\n/.test(printed));
    network.refuse();
    await say('said while the network was away');
    network.accept();
    await eventually(() => /: said while the network was away\n/.test(printed));
    await say('and now?');
    await eventually(() => /: and now\?\n/.test(printed));
    expect(printed.match(/: welcome\n/g)).toHaveLength(1);

    const kinds = Object.keys(roomEvents).map((kind) => kind.replace(/^giveaway(?!:published)/, ''));
    expect(kinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
  });

  test('speaks, hears, sees numbers, is told why not, and is put out', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const [ana, bo] = [await arrive(house.here.url, roomId), await arrive(house.there.url, roomId)];
    const say = (text: string, requestKey = newKey()) =>
      ana.command<{ outcome: string; retryAfterMs?: number }>('chat:send', { roomId, text, requestKey });

    const key = newKey();
    const [first, again] = [await say('hello', key), await say('hello', key)];
    await eventually(() => saidTo(bo).length > 0);
    await ana.command('room:like', { roomId, tally: newKey(), likes: 3 });
    await eventually(() => bo.aggregates['viewers'] === 3 && bo.aggregates['likes'] === 3);
    await staff.client.request('chat:configure', { roomId, slowSeconds: 60 });
    await eventually(() => ana.told.some((event) => event.what === 'entry' && event.kind === 'chat:configured'));
    const answers = [await say('one'), await say('two'), await say('three')];
    const unknown = await ana.command('chat:shout', {}).catch((error: unknown) => error);
    await staff.client.request('moderation:sanction', { roomId, personId: ana.personId, kind: 'ban' });

    await eventually(() => ana.removedFor === 'banned');
    expect(again).toEqual(first);
    expect(saidTo(bo)).toEqual(['hello', 'one', 'two']);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['sent', 'sent', 'slow_mode']);
    expect(answers[2]!.retryAfterMs).toBeGreaterThan(50_000);
    expect(unknown).toMatchObject({ code: 'UNKNOWN_COMMAND', retryable: false });
    expect(Math.abs(ana.clockOffsetMs)).toBeLessThan(2_000);
  });

  test('keeps its socket with a fresh token, and learns that its session was ended', async () => {
    const { roomId } = await house.show();
    const stranger = await arrive(house.there.url, roomId);

    const { accessExpiresAtMs } = await stranger.renew();
    await stranger.command('session:sign-out', {}).catch(() => undefined);

    await eventually(() => stranger.endedWith === 'SESSION_REVOKED');
    expect(accessExpiresAtMs).toBeGreaterThan(Date.now());
  });

  test('misses and repeats nothing when its gateway is killed in traffic', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const doomed = await startChildGateway(house.stores);
    const balancer = await startBalancer([doomed.url, house.there.url]);
    const people = await Promise.all([1, 2, 3, 4].map(() => arrive(balancer.url, roomId)));
    const sends: SendHistory[] = [];
    const speak = async (stranger: Stranger): Promise<void> => {
      for (let said = 0; said < 12; said += 1) {
        const text = `${stranger.personId} says ${said}`;
        const input = { roomId, text, requestKey: newKey() };
        const sent = await stranger.command<{ position?: { offset: number } }>('chat:send', input);
        sends.push({ text, offset: sent.position?.offset ?? null });
      }
    };
    const killed = eventually(() => sends.length >= 12, { deadlineMs: 30_000 }).then(doomed.kill);

    await Promise.all([killed, ...people.map(speak)]);
    await staff.client.request('chat:send', { roomId, text: 'the end', requestKey: newKey() });
    const log = await keptLog(house.stores.redisUrl, roomId);
    const end = Math.max(...log.keys());
    await eventually(() => people.every((stranger) => stranger.position?.offset === end), { deadlineMs: 30_000 });

    const clients = people.map(({ personId, told }) => ({ name: personId, events: told.map(eventOf), end }));
    expect(checkHistory(log, clients, sends)).toEqual([]);
    for (const stranger of people) stranger.close();
    await balancer.close();
  }, 90_000);
});

function eventOf(event: Told): ClientEvent {
  if (event.what !== 'entry') return event;
  const text = event.kind === 'chat:message' ? (event.body['text'] as string) : event.kind;
  return { what: 'entry', offset: event.offset, text };
}
