import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { newId } from '../../shared/ids.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { openBrowsers, phone, type Browsers } from './support/pages.ts';

const messagesPerSecond = 200;
const senders = 50;
const lookMs = 5_000;
const restMs = 1_500;
/**
 * Of the frames that the same page shows at rest on this machine, at least. A list that is drawn anew for every message leaves one in
 * twenty; the server and fifty senders beside it take some of the rest.
 */
const framesKeptMin = 0.2;

/** Frames in so many ms. Runs in the page. */
const countFrames = `async (ms) => {
  const until = performance.now() + ms;
  let frames = 0;
  while (performance.now() < until) {
    await new Promise(requestAnimationFrame);
    frames += 1;
  }
  return frames;
}`;
/** Lines a following reader has in the document: the chat shows eight, and keeps some for scrolling. */
const linesMax = 100;

let app: App;
let browsers: Browsers;
beforeAll(async () => {
  app = await startTestApp(await freshStores());
  browsers = await openBrowsers(app);
}, 60_000);
afterAll(async () => {
  await browsers.close();
  await app.close();
});

test(`a phone stays smooth while ${messagesPerSecond} messages come in a second`, { timeout: 60_000 }, async () => {
  const { accessToken: token } = await account(app);
  const { roomId } = (await call(app, 'POST', '/api/rooms', { token, body: { title: 'Busy' } })).body.data;
  await call(app, 'POST', `/api/rooms/${roomId}/start`, { token, body: {} });
  const { page, problems } = await browsers.visit(`/room/${roomId}`, { session: await guest(app), viewport: phone });
  await page.getByLabel('Say something').waitFor();
  const sockets = await Promise.all(
    Array.from({ length: senders }, async () => {
      const socket = await openSocket(app, await guest(app));
      await send(socket, 'room:join', { roomId });
      return socket;
    }),
  );
  const atRest = await page.evaluate<number>(`(${countFrames})(${restMs})`);
  let said = 0;
  const beganMs = performance.now();
  const say = () => {
    const socket = sockets[said % senders]!;
    const message = { roomId, text: `message ${++said} 好看 👍`, requestKey: newId() };
    socket.emit('chat:send', message, () => undefined); // What is still on its way at the end is of no interest.
  };
  // Some at a time: a timer of a busy process comes late, and would send fewer.
  const crowd = setInterval(() => {
    const due = Math.floor(((performance.now() - beganMs) * messagesPerSecond) / 1_000);
    while (said < due) say();
  }, 50);
  try {
    await page.getByText('message', { exact: false }).first().waitFor();
    const seen = await page.evaluate<{ frames: number; lines: number; first: string; last: string }>(`(async () => {
      const newest = () => [...document.querySelectorAll('.line__text')].at(-1).textContent;
      const first = newest();
      const frames = await (${countFrames})(${lookMs});
      return { frames, first, last: newest(), lines: document.querySelectorAll('.line').length };
    })()`);
    const numberIn = (text: string) => Number(/message (\d+)/.exec(text)![1]);
    const came = numberIn(seen.last) - numberIn(seen.first);
    expect(came).toBeGreaterThan((messagesPerSecond * lookMs) / 1_000 / 2);
    expect(seen.frames / lookMs).toBeGreaterThan((atRest / restMs) * framesKeptMin);
    expect(seen.lines).toBeLessThanOrEqual(linesMax);
    expect(problems).toEqual([]);
  } finally {
    clearInterval(crowd);
    for (const socket of sockets) socket.close();
  }
});
