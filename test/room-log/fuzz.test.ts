import { randomBytes, randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways } from '../room/two-gateways.ts';

let house: TwoGateways;
beforeAll(async () => {
  house = await twoGateways();
});
afterAll(() => house.close());

const roomId = '01890000-0000-7000-8000-000000000000';
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Socket.IO packets, as text after the engine.io "4": broken, hostile, or nonsense. */
const packets = [
  '2',
  '2[',
  '2["room:join"',
  '2{}',
  '2[]',
  '2[null]',
  '2[1,2,3]',
  '9["x"]',
  '20["room:join",{}',
  '2["",""]',
  '21["__proto__",{}]',
  '21["constructor",{"prototype":{}}]',
  '21["room:join",{"__proto__":{"roomId":"x"}}]',
  `21["room:join",{"roomId":"${roomId}","position":{"epoch":"e","offset":1e308}}]`,
  `21["room:join",{"roomId":"${roomId}}\\n{x}","position":null}]`,
  `21["room:join",{"roomId":"${roomId}","position":{"epoch":"${'e'.repeat(9_000)}","offset":-1}}]`,
  `21["chat:send",{"roomId":"${roomId}","text":"${'\\u0000'.repeat(400)}","key":"k"}]`,
  `21["chat:send",${deep(2_000)}]`,
  `5${'1'.repeat(50)}-["room:join",{"_placeholder":true,"num":0}]`,
  '51-["x",{"_placeholder":true,"num":1e9}]',
  '3',
  '31["x"]',
  '3999999999999999999999["x"]',
  '1',
  '0{"token":',
  '2/other,["x"]',
  '4{"message":"x"}',
];

test('no packet takes a gateway down, and the others in the room go on undisturbed', async () => {
  const { host, roomId: shown } = await house.show();
  const staff = await house.visit(house.here, shown, host);
  const viewer = await house.visit(house.here, shown);

  for (const packet of packets) await attack(`4${packet}`);
  for (let i = 0; i < 50; i += 1) await attack(randomBytes(randomInt(1, 200)).toString('latin1'));

  const text = `still here ${newKey()}`;
  await staff.client.request('chat:send', { roomId: shown, text, requestKey: newKey() });
  await eventually(() => viewer.texts().includes(text));
  expect(viewer.room.state()).toBe('joined');
}, 60_000);

test('WebSocket frames that no browser sends end that connection alone', async () => {
  const { roomId: shown } = await house.show();
  const viewer = await house.visit(house.here, shown);
  const masked = (first: number, second: number, rest = Buffer.alloc(8)) =>
    Buffer.concat([Buffer.from([first, second]), rest]);
  const frames = [
    masked(0x81, 0x05), // Not masked.
    masked(0xf1, 0x80), // Reserved bits set.
    masked(0x83, 0x80), // An opcode that does not exist.
    masked(0x80, 0x80), // A continuation of nothing.
    masked(0x89, 0xfe), // A ping longer than pings may be.
    masked(0x81, 0xff, Buffer.from('7fffffffffffffff00000000', 'hex')), // 8 exabytes.
    masked(0x81, 0x82, Buffer.from('00000000c328', 'hex')), // Bytes that are not UTF-8.
  ];

  for (const frame of frames) {
    const raw = await openRaw();
    raw.write(frame);
    await once(raw, 'close');
  }

  expect(viewer.room.state()).toBe('joined');
}, 60_000);

/** Sends one packet on a connection of its own, and waits until the server has answered or hung up. */
async function attack(packet: string): Promise<void> {
  const socket = await house.socket(house.here, await sharedGuest());
  const answered = new Promise<void>((resolve) => {
    socket.once('disconnect', () => resolve());
    socket.io.engine.once('close', () => resolve());
  });
  socket.io.engine.write(packet.startsWith('4') ? packet.slice(1) : packet);
  // A command after it: answered when the connection survived.
  const alive = socket
    .timeout(5_000)
    .emitWithAck('session:who', {})
    .then(
      () => undefined,
      () => undefined,
    );
  await Promise.race([answered, alive]);
  socket.close();
}

let session: ReturnType<typeof guest> | undefined;
const sharedGuest = () => (session ??= guest(house.here));

/** A WebSocket without a WebSocket library: after the upgrade, raw bytes. */
async function openRaw() {
  const { hostname, port } = new URL(house.here.url);
  const raw = connect(Number(port), hostname);
  raw.on('error', () => undefined);
  const key = randomBytes(16).toString('base64');
  raw.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await once(raw, 'data');
  raw.resume();
  return raw;
}
