import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { verifyBeaconRound } from '../../shared/raffle/beacon.ts';
import { createLog } from '../../server/platform/log.ts';
import { createDrandSource } from '../../server/features/giveaway/drand.http.ts';
import { recordedRounds } from '../raffle/recorded-rounds.ts';

const { chain, recorded } = recordedRounds[0]!;

const asked = [chain, recorded.round, verifyBeaconRound] as const;

async function relayThatSays(answer: unknown) {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test('a relay that lies is passed over for one that does not; with nobody else there is no round', async () => {
  const liar = await relayThatSays({ ...recorded, randomness: '00'.repeat(32) });
  const honest = await relayThatSays(recorded);
  const log = createLog('silent');
  try {
    expect(await createDrandSource(log, [liar.url, honest.url])(...asked)).toEqual(recorded);
    expect(await createDrandSource(log, [liar.url])(...asked)).toBeNull();
  } finally {
    liar.close();
    honest.close();
  }
});
