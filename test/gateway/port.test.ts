import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { closePort, listen } from '../../server/app/port.ts';

test('a request that has come over a kept connection when the port is closed is answered', async () => {
  const server = createServer((request, response) => response.end(`answered ${request.url}`));
  await listen(server, 0, '127.0.0.1');
  const connection = connect((server.address() as AddressInfo).port, '127.0.0.1');
  connection.write('GET /first HTTP/1.1\r\nhost: here\r\n\r\n');
  const [first] = await once(connection, 'data');
  expect(String(first)).toContain('answered /first');

  connection.write('GET /second HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n');
  const closed = closePort(server);

  expect(await text(connection)).toContain('answered /second');
  await closed;
});
