import { expect, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import { policy } from '../../server/app/policy.ts';
import type { Viewer } from '../../server/gateway/call.ts';
import { createExposure } from '../../server/gateway/exposure.ts';
import { createFloodLimit } from '../../server/gateway/flood-limit.ts';
import { createRelations } from '../../server/gateway/policy.ts';
import { createUnderstanding } from '../../server/gateway/understand-error.ts';
import { createLog } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';

const buyer: Viewer = {
  personId: newId(),
  kind: 'account',
  name: 'Ana',
  roles: [],
  sessionId: newId(),
  accessExpiresAtMs: 0,
};

test('what somebody is to a room is asked once for a purchase, and handed on to whoever makes it', async () => {
  const relations = createRelations();
  const exposure = createExposure({
    policy,
    relations,
    floodLimit: createFloodLimit({ perSecond: 1, burst: 1, nowMs: () => 0 }),
    understand: createUnderstanding(createLog('fatal')),
    metrics: createMetrics({ processFigures: false }),
  });
  const asked: string[] = [];
  relations.define('room', async (_viewer, roomId) => {
    asked.push(roomId);
    return new Set(['winner']);
  });
  const handed: string[][] = [];
  exposure.expose('offer:buy', async (_viewer, { lines }, _call, held) => {
    handed.push([...held]);
    return { outcome: 'sold_out', offerId: lines[0]!.offerId };
  });
  const roomId = newId();
  const purchase = { roomId, lines: [{ offerId: newId(), units: 1 }], requestKey: 'one-purchase' };

  const reply = await exposure.run('offer:buy', buyer, purchase, {
    requestId: newId(),
    network: 'here',
    reachedAt: undefined,
    order: 0,
  });

  expect(reply).toMatchObject({ ok: true, data: { outcome: 'sold_out' } });
  expect([asked, handed]).toEqual([[roomId], [['winner']]]);
});
