import { expect, test } from 'vitest';
import { createFansDoor } from '../../server/features/fan-club/fans-door.ts';
import { createSignals } from '../../server/features/room-log/signals.ts';
import { eventually } from '../support/eventually.ts';

test('every gateway hears at once that a membership ended, without looking', async () => {
  const gateways: ReturnType<typeof gateway>[] = [];
  const publish = async (...word: [string, string, string]) => gateways.forEach(({ signals }) => signals.hear(...word));
  gateways.push(gateway(publish), gateway(publish));

  await gateways[0]!.door.putOut('host', 'fan');
  await gateways[0]!.door.putOut('host', 'moderator');
  await gateways[0]!.door.putOut('host without a room', 'fan');
  await eventually(() => gateways.every(({ did }) => did.length === 8));

  for (const { did } of gateways)
    expect(did.toSorted()).toEqual(
      [
        ...['forgot fan of host', 'forgot fan of host', 'forgot moderator of host', 'forgot moderator of host'],
        ...['fan watches group no more', 'fan watches show no more'],
        ...['put fan out of group as not_member', 'put fan out of show as not_member'],
      ].toSorted(),
    );
});

function gateway(publish: (roomId: string, name: string, text: string) => Promise<unknown>) {
  const did: string[] = [];
  const signals = createSignals(publish);
  const door = createFansDoor({
    store: {
      roomsForFans: async (clubId) => (clubId === 'host' ? ['show', 'group'] : []),
      forFansAmong: async () => [],
      among: async () => new Map(),
    },
    presence: {
      people: function* () {},
      remove: (roomId, reason, isMeant) => isMeant('fan') && did.push(`put fan out of ${roomId} as ${reason}`),
    },
    rooms: { relations: async (_roomId, personId) => new Set(personId === 'moderator' ? ['moderator', 'viewer'] : []) },
    signals,
    forget: (clubId, personId) => did.push(`forgot ${personId} of ${clubId}`),
    onStranger: (roomId, personId) => did.push(`${personId} watches ${roomId} no more`),
    onError: (error) => did.push(String(error)),
  });
  return { signals, door, did };
}
