import { expect, test } from 'vitest';
import type { Request } from '../../shared/client/requests.ts';
import type { HeldOrder } from '../../shared/protocol/offer.ts';
import { createStore } from '../state/store.ts';
import { lookAtPlace } from './look-at-place.ts';
import type { Places } from './places.ts';

const soonMs = Date.now() + 60_000;

/** Somebody who stands in line for the teapot since a minute ago, and a server that answers as told. */
function standing(answers: {
  place: { position: number | null } | null;
  orders?: { orderId: string; heldAtMs: number }[];
}) {
  const places = createStore<Places>(new Map([['teapot', { position: 2, knownAtMs: soonMs - 120_000 }]]));
  const served: string[] = [];
  const orders = (answers.orders ?? []).map((order) => ({ ...order, lines: [{ offerId: 'teapot' }] }));
  const ask = (async (name: string) => (name === 'offer:place' ? answers : { orders })) as unknown as Request;
  const look = () =>
    lookAtPlace(
      { ask, roomId: 'room', places, served: ({ orderId }: HeldOrder) => void served.push(orderId) },
      'teapot',
    );
  return { look, places, served };
}

test('a place that is still there is the new one', async () => {
  const { look, places } = standing({ place: { position: 1 } });

  await look();

  expect(places.get().get('teapot')).toMatchObject({ position: 1 });
});

test('a place that turned into an order brings that order, not one that was held before', async () => {
  const bought = { orderId: 'bought before', heldAtMs: soonMs - 180_000 };
  const { look, served } = standing({ place: null, orders: [bought, { orderId: 'waited for', heldAtMs: soonMs }] });

  await look();

  expect(served).toEqual(['waited for']);
});

test('a place that is gone for nothing is gone, whatever else is held', async () => {
  const bought = { orderId: 'bought before', heldAtMs: soonMs - 180_000 };
  const { look, places, served } = standing({ place: null, orders: [bought] });

  await look();

  expect(served).toEqual([]);
  expect(places.get().has('teapot')).toBe(false);
});
