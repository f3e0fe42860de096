import type { Consumer, Producer, Router, Transport } from 'mediasoup/types';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { newId } from '../../shared/ids.ts';
import { eventually } from '../support/eventually.ts';
import { rtpCapabilities } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { comeAsPage, comeToPublish, comeToWatch } from './support/raw-clients.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';
import { expectAllOverWay, publishLayered } from './support/way.ts';

/** Share of a core that makes a worker full. */
const loadMax = 0.3;
const deadlineMs = 10_000;
/** Until then a viewer has a picture again whose pipe has closed alone. */
const againWithinMs = 2_000;
/** What there is of pipes between the workers, in the order in which it was made. */
type Piping = { transports: Transport[]; nearEnds: Consumer[]; farEnds: Producer[] };
let piping: Piping;
let started: TestSfu;
let roomId: string;
const room = () => started.sfu.running()!.rooms.find(roomId)!;

beforeAll(async () => {
  started = await startSfu({ workers: 2, loadMax });
  const { workers } = started.sfu.running()!;
  await eventually(() => workers.running().length === 2, { deadlineMs });
  for (const { worker } of workers.running())
    worker.observer.on('newrouter', (router: Router) => router.observer.on('newtransport', note));
}, 20_000);
beforeEach(() => {
  roomId = newId();
  piping = { transports: [], nearEnds: [], farEnds: [] };
});
afterEach(() => void vi.restoreAllMocks()); // Of a test that failed, too: a worker that seems busy fails all others.
afterAll(() => started.close());

function note(transport: Transport): void {
  if (transport.type !== 'pipe') return;
  piping.transports.push(transport);
  transport.observer.on('newconsumer', (near: Consumer) => piping.nearEnds.push(near));
  transport.observer.on('newproducer', (far: Producer) => piping.farEnds.push(far));
}

test.each([
  ['far end', ({ farEnds }: Piping) => farEnds.find(({ kind }) => kind === 'video')],
  ['near end', ({ nearEnds }: Piping) => nearEnds.find(({ kind }) => kind === 'video')],
  ['transport', ({ transports }: Piping) => transports[0]],
])(
  'a pipe whose %s closes alone is laid anew: pages and players see the picture again, and nothing is left over',
  { timeout: 30_000 },
  async (_, partOf) => {
    const { sfu, events } = started;
    const host = await comeToPublish(sfu, roomId);
    await host.produce('audio');
    const picture = await host.produce('video');
    const [{ leg: home }] = room().publishing() as unknown as [ReturnType<typeof sessionOf>];
    const busy = vi.spyOn(home.mediaWorker, 'load').mockReturnValue(1);
    const player = await comeToWatch(sfu, roomId);
    const page = await comeAsPage(sfu, roomId);
    await page.resume();
    const { leg } = sessionOf(page);
    expect(sessionOf(player).leg).toBe(leg);
    expect(leg.mediaWorker).not.toBe(home.mediaWorker);
    await eventually(() => player.packets.video > 0 && page.packets.video > 0, { deadlineMs });

    partOf(piping)!.close();

    const shown = page.consumers.find(({ kind }) => kind === 'video')!;
    const isTold = () => events.some((event) => event.type === 'lost' && event.consumerId === shown.consumerId);
    await eventually(isTold, { deadlineMs: againWithinMs });
    const before = [player, page].map(({ packets }) => packets.video);
    const flows = async () => {
      await page.resume(await page.consume()); // As a page does when it is told.
      return [player, page].every(({ packets }, i) => packets.video > before[i]! + 30);
    };
    await eventually(flows, { deadlineMs: againWithinMs });
    expect([...sessionOf(page).consumers.keys()]).toContain(picture);

    const [publishing, watching] = await Promise.all([home.router.dump(), leg.router.dump()]);
    expect(publishing.transportIds).toHaveLength(2); // The host, and the pipe.
    expect(watching.transportIds).toHaveLength(3);
    const consumersOf = ({ mapProducerIdConsumerIds }: typeof watching) =>
      mapProducerIdConsumerIds.map(({ values }) => values.length);
    expect(consumersOf(publishing)).toEqual([1, 1]);
    expect(consumersOf(watching)).toEqual([2, 2]);
    busy.mockRestore();
    for (const one of [host, player, page]) one.close();
    await sfu.endAll({ roomId, reason: 'left' });
  },
);

test(
  'a layered picture, a beginning in the middle of it and another network of a viewer work over a pipe between workers',
  { timeout: 30_000 },
  async () => {
    const { sfu } = started;
    const kept = [await publishLayered(sfu, roomId)];
    const [{ leg: home }] = room().publishing() as unknown as [ReturnType<typeof sessionOf>];
    const busy = vi.spyOn(home.mediaWorker, 'load').mockReturnValue(1);
    await expectAllOverWay(sfu, roomId, (each) => kept.push(each));
    expect(room().legs()).toBe(2);
    expect(piping.transports).toHaveLength(2);
    busy.mockRestore();
    for (const each of kept) each.close();
    await sfu.endAll({ roomId, reason: 'left' });
  },
);

test(
  'a crowd that gathers before its stream is spread over the workers, and counts as what it will cost as long as it waits',
  { timeout: 30_000 },
  async () => {
    const { sfu } = started;
    const workers = sfu.running()!.workers.running();
    const expected = () => workers.map((worker) => Math.round((worker.load() - worker.usedShare()) / 0.0015));
    const measuring = vi.spyOn(workers[0]!.worker, 'getResourceUsage');
    const measured = async (before = measuring.mock.calls.length) => {
      await eventually(() => measuring.mock.calls.length > before, { deadlineMs });
      await measuring.mock.results.at(-1)!.value;
    };
    const come = () =>
      Promise.all(
        Array.from({ length: 150 }, async () => {
          const where = { roomId, sessionId: newId() };
          await sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
          return where;
        }),
      );
    const [viewer] = await come();
    await measured(); // Who waits uses nothing.
    await come();

    const shares = Map.groupBy(room().sessions().values(), ({ leg }) => leg.mediaWorker);
    const counts = Array.from(shares.values(), ({ length }) => length).toSorted((one, other) => one - other);
    expect(counts).toHaveLength(2);
    expect(counts[1]).toBeLessThanOrEqual(loadMax / 0.0015 + 1);
    expect(expected().toSorted((one, other) => one - other)).toEqual(counts);

    const host = await comeToPublish(sfu, roomId);
    await host.produce('audio');
    const { consumers } = await sfu.consume({ ...viewer!, rtpCapabilities: rtpCapabilities as never });
    await sfu.resume({ ...viewer!, consumerIds: consumers.map(({ consumerId }) => consumerId) });
    const all = () => expected().reduce((sum, count) => sum + count, 0);
    await eventually(() => all() === 299, { deadlineMs });

    host.close();
    await sfu.endAll({ roomId, reason: 'left' });
    expect(expected()).toEqual([0, 0]);
    measuring.mockRestore();
  },
);

const sessionOf = ({ sessionId }: { sessionId: string }) => room().sessions().get(sessionId)!;
