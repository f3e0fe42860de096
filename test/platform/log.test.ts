import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createDamper, createLog } from '../../server/platform/log.ts';
import { eventually } from '../support/eventually.ts';

test('passwords, tokens and what drivers hang on their errors stay out of the log', () => {
  let lines = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines += chunk.toString();
      done();
    },
  });
  const log = createLog('info', sink);
  const driverError = Object.assign(new Error('WRONGPASS'), {
    code: 'WRONGPASS',
    command: { name: 'auth', args: ['hunter2'] },
    detail: 'Failing row contains (ana@example.test)',
  });

  log.warn(
    { err: driverError, accessToken: 'hunter2', input: { password: 'hunter2', email: 'ana@example.test' } },
    'no',
  );

  expect(lines).toContain('WRONGPASS');
  expect(lines).not.toContain('hunter2');
  expect(lines).not.toContain('ana@example.test');
});

test('of a burst the first is told at once and the rest when its time is over, also when no other comes', async () => {
  const told: string[] = [];
  const damped = createDamper(20);

  for (const name of ['first', 'second', 'third']) damped((times) => told.push(`${name} ${times}`));
  expect(told).toEqual(['first 1']);

  await eventually(() => told.length === 2);
  expect(told[1]).toBe('third 2');
});
