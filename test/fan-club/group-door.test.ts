import { expect, test } from 'vitest';
import { createGroupDoor } from '../../server/features/fan-club/group-door.ts';
import { createSignals } from '../../server/features/room-log/signals.ts';
import { eventually } from '../support/eventually.ts';

test('every gateway hears at once that a membership ended, without looking', async () => {
  const gateways: ReturnType<typeof gateway>[] = [];
  const publish = async (...word: [string, string, string]) => gateways.forEach(({ signals }) => signals.hear(...word));
  gateways.push(gateway(publish), gateway(publish));

  await gateways[0]!.door.putOut({ clubId: 'host', groupRoomId: 'group' }, 'fan');
  await gateways[0]!.door.putOut({ clubId: 'host', groupRoomId: 'group' }, 'moderator');
  await gateways[0]!.door.putOut({ clubId: 'host without a group', groupRoomId: null }, 'fan');
  await eventually(() => gateways.every(({ did }) => did.length === 3));

  for (const { did } of gateways)
    expect(did.toSorted()).toEqual([
      'forgot fan of host',
      'forgot moderator of host',
      'put fan out of group as not_member',
    ]);
});

function gateway(publish: (roomId: string, name: string, text: string) => Promise<unknown>) {
  const did: string[] = [];
  const signals = createSignals(publish);
  const door = createGroupDoor({
    store: { groupsAmong: async () => [], among: async () => new Map() },
    presence: {
      people: function* () {},
      remove: (roomId, reason, isMeant) => isMeant('fan') && did.push(`put fan out of ${roomId} as ${reason}`),
    },
    rooms: { relations: async (_roomId, personId) => new Set(personId === 'moderator' ? ['moderator', 'viewer'] : []) },
    signals,
    forget: (clubId, personId) => did.push(`forgot ${personId} of ${clubId}`),
    onError: (error) => did.push(String(error)),
  });
  return { signals, door, did };
}
