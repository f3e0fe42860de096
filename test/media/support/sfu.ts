import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import { createSfu, type Sfu } from '../../../media/sfu.ts';
import type { MediaEvent } from '../../../shared/media-link.ts';
import { newId } from '../../../shared/ids.ts';
import { eventually } from '../../support/eventually.ts';

export type TestSfu = { sfu: Sfu; events: MediaEvent[]; close(): void };

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

type Options = {
  workers?: number;
  loadMax?: number;
  hasRoom?: (coming: number) => boolean;
  publisherBitrateMaxBps?: number;
  nowMs?: () => number;
  firstPort?: number;
  answerWithinMs?: number;
  announcedAddress?: string;
  listenIps?: () => string[];
  networksEveryMs?: number;
  /** Another worker program than the one that was built. */
  workerBin?: string | null;
};

/** The media server alone, with real workers; coming up. */
export function createTestSfu({
  workers = 1,
  publisherBitrateMaxBps = 8_000_000,
  nowMs = () => performance.now(),
  firstPort = 0,
  workerBin = inject('workerBin'),
  announcedAddress,
  listenIps = () => ['127.0.0.1'],
  ...others
}: Options = {}): Sfu {
  if (!workerBin) throw new Error('the mediasoup worker is not built: run npm run setup');
  return createSfu({
    workerBin: Promise.resolve(workerBin),
    preparation: () => ({ state: 'ready', progress: 1, message: '' }),
    count: workers,
    listenIps,
    announcedAddress,
    firstPort,
    publisherBitrateMaxBps,
    log: silent,
    nowMs,
    ...others,
  });
}

/** The same, ready. */
export async function startSfu(options: Options = {}): Promise<TestSfu> {
  const sfu = createTestSfu(options);
  const events: MediaEvent[] = [];
  sfu.listen((event) => events.push(event));
  await eventually(() => sfu.running() !== null, { deadlineMs: 10_000 });
  return { sfu, events, close: () => sfu.close() };
}

/** WHIP and WHEP without rooms and rights, for one room: what the gateway does when everybody may. */
export async function openDoor(sfu: Sfu, roomId: string): Promise<{ whip: string; whep: string; close(): void }> {
  const ownerId = newId();
  const server = createServer((request, response) => {
    void (async () => {
      let offer = '';
      for await (const chunk of request) offer += String(chunk);
      const session = { roomId, sessionId: newId() };
      const { answer } =
        request.url === '/whip'
          ? await sfu.publish({ ...session, ownerId, keyId: 'a key', offer })
          : await sfu.play({ ...session, ownerId: newId(), offer });
      response.writeHead(201, { location: `/${session.sessionId}` }).end(answer);
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    whip: `${origin}/whip`,
    whep: `${origin}/whep`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
