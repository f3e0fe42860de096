import pg from 'pg';
import { newId } from '../../../shared/ids.ts';
import { preciseNowMs } from '../../harness/open-loop.ts';
import type { Load, Side } from '../../harness/scenario.ts';
import { unitsPlenty } from './engine-sides.ts';

const insertRoom = `
  INSERT INTO rooms (room_id, host_id, title, state, started_at) VALUES ($1, $2, 'Load', 'live', now())`;

const heldText = '"outcome":"held"';

/** A whole gateway with everything on the way: token, flood limit, schema, rule, purchase, acknowledgement. */
export const socketSide = (load: Load): Side => ({
  name: 'ours, over sockets',
  setUp:
    'the server as a process of its own; 1,000 sockets send offer:buy by turns, ten each and 20,000 a second, more than it can take; time until the last acknowledgement',
  async open() {
    const sockets = load.scale({ smoke: 20, full: 1_000 });
    const requestsPerSocket = load.scale({ smoke: 2, full: 10 });
    const rush = {
      intervalMs: 1_000 / 20_000,
      first: 0,
      count: sockets * requestsPerSocket,
      senders: sockets,
      answerDeadlineMs: 10_000,
    };
    const { databaseUrl } = await load.stores();
    const server = await load.server();
    const [host] = await server.people(1, 'account');
    const people = await server.people(sockets, 'account');
    const auths = people.map(({ accessToken }) => ({ token: accessToken }));
    const fleet = await load.fleet({ url: server.url, auths, atOnceMax: sockets });
    const db = new pg.Client(databaseUrl);
    await db.connect();
    const roomId = newId();
    await db.query(insertRoom, [roomId, host!.personId]);

    return {
      async measure() {
        const offerId = await openOffer(db, roomId, host!.personId);
        const input = { roomId, lines: [{ offerId, units: 1 }], requestKey: '{id}' };
        const buy = { name: 'offer:buy', input, tally: [heldText] };
        let heldBefore = 0;
        // The first ones find that the offer has no gate yet, and are told to come again.
        while (heldBefore === 0) heldBefore = (await fleet.requestAll(buy)).tally[heldText] ?? 0;
        const cpuBefore = server.cpuMs();
        const startMs = preciseNowMs();
        const { tally, latency } = await fleet.requestOnSchedule({ request: buy, ...rush, startMs });
        const elapsedMs = preciseNowMs() - startMs;
        const heldInRush = tally[heldText] ?? 0;
        const held = heldBefore + heldInRush;
        const { rows } = await db.query<{ held: number }>('SELECT held_units AS held FROM offers WHERE offer_id = $1', [
          offerId,
        ]);
        load.check(
          'every order told over a socket is in the ledger',
          held > 0 && rows[0]!.held === held,
          `${held} told`,
        );
        return {
          value: (heldInRush / elapsedMs) * 1_000,
          figures: {
            heldOrders: heldInRush,
            serverCpuUsPerOrder: ((server.cpuMs() - cpuBefore) * 1_000) / Math.max(heldInRush, 1),
            p99Ms: latency.p99Ms,
          },
        };
      },
      close: () => db.end(),
    };
  },
});

/** The server finds that its gate is missing at the first purchase, and loads it. */
async function openOffer(db: pg.Client, roomId: string, hostId: string): Promise<string> {
  const offerId = newId();
  await db.query(
    `INSERT INTO offers (offer_id, room_id, host_id, merchant_id, sku_id, product_id, kind, item_number, position, title, currency,
       price_minor, list_price_minor, limit_units, allotment_units, supply_units, state, opens_at, epoch)
     SELECT $1, $2, $3, $3, $1, $1, 'cart', count(*) + 1, 1, '{"en":"Lamp","zh":""}', 'EUR', 700, 1000, 999, $4, $4, 'open', now(),
       nextval('offer_epochs') FROM offers WHERE room_id = $2`,
    [offerId, roomId, hostId, unitsPlenty],
  );
  return offerId;
}
