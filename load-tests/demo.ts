/**
 * `npm run demo`: a living room for a newcomer to look at. A shop from a sample file, a host who streams a generated picture with
 * sound, and two hundred viewers who talk, like, enter draws, and buy. Ends when it is told to, or when the server is gone.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gatherCrowd } from './demo/crowd.ts';
import { asAccount, demoPassword } from './demo/people.ts';
import { announceNextShows, endOldShows, endShow, runShow, showTitle } from './demo/show.ts';
import { fillBag, openFanClub, stockShop } from './demo/shop.ts';

const hostEmail = 'host@demo.nightmarket.test';
/** The server is gone for good when it has not answered for this long. */
const goneAfterMs = 10_000;
/** The media worker may still be being built; streaming is tried again after this long. */
const streamAgainMs = 5_000;
/** A show that can't be ended in this time is left to the next demo. */
const stopMaxMs = 8_000;

const url = process.argv[2];
if (!url) {
  console.error('usage: node load-tests/demo.ts URL');
  process.exit(2);
}

let stopped = false;
let streamer: ChildProcess | null = null;
const closing: (() => unknown)[] = [];

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

const host = await asAccount(url, 'Mei Lin', hostEmail);
closing.push(() => host.client.close());
await endOldShows(host);
await stockShop(url, host);
await openFanClub(host);
const { roomId } = await host.client.request('room:create', {
  title: showTitle,
  coverUrl: '/demo/cover.svg',
});
const key = await host.client.request('media:make-stream-key', { roomId });
await host.client.request('room:start', { roomId });
closing.push(async () => {
  if (await endShow(host, roomId)) console.log('The demo show has ended');
});
await announceNextShows(host);
const offers = await fillBag(host, roomId);
stream();
console.log(`\nThe demo show is on\n  watch    ${url}/room/${roomId}\n  studio   ${url}/studio/live/${roomId}`);
console.log(`           sign in as ${hostEmail} with the password "${demoPassword}"\n`);

const crowd = await gatherCrowd({ url, roomId, hostId: host.session.person.personId, isStopped: () => stopped });
closing.push(() => crowd.close());
console.log(`${crowd.size} viewers are in the room`);
crowd.sell(offers);
const { moderatorId } = crowd;
if (moderatorId)
  await host.client
    .request('room:set-staff', { roomId, personId: moderatorId, role: 'moderator' })
    .catch(() => undefined);
closing.push(runShow({ host, roomId, offers, crowd }));
stopWhenServerIsGone();

function stream(): void {
  if (stopped) return;
  streamer = fork(fileURLToPath(new URL('./demo/streamer.mjs', import.meta.url)), [new URL(key.whipUrl, url).href], {
    env: { ...process.env, STREAM_KEY: key.streamKey },
    stdio: 'ignore',
  });
  streamer.once('exit', () => setTimeout(stream, streamAgainMs).unref());
}

function stopWhenServerIsGone(): void {
  let timer: NodeJS.Timeout | undefined;
  host.client.on('state', (state) => {
    clearTimeout(timer);
    if (state === 'offline') timer = setTimeout(() => void stop(), goneAfterMs);
  });
}

/** Everything in reverse order: the show, the crowd, the stream. */
async function stop(): Promise<void> {
  if (stopped) return;
  stopped = true;
  setTimeout(() => process.exit(1), stopMaxMs).unref();
  streamer?.kill('SIGTERM');
  for (const close of closing.reverse()) await close();
  process.exit(0);
}
