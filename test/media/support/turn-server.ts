import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** coturn, as Debian has it; null where it is not installed. */
export const coturn: string | null =
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'turnserver'))
    .find((program) => existsSync(program)) ?? null;

/** A TURN server on this machine that lets in whoever has a name by this secret, and passes on to this machine too. */
export async function startTurnServer(program: string, secret: string): Promise<{ url: string; close(): void }> {
  const [port, folder] = [await freeUdpPort(), temporaryFolder()];
  const options = {
    'listening-ip': '127.0.0.1',
    'listening-port': String(port),
    'relay-ip': '127.0.0.1',
    realm: 'nightmarket.test',
    'static-auth-secret': secret,
    userdb: path.join(folder, 'users'),
    pidfile: path.join(folder, 'pid'),
    'log-file': 'stdout',
  };
  const flags = ['-n', '--use-auth-secret', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '--allow-loopback-peers'];
  const values = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const server = spawn(program, [...flags, ...values], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text: Buffer) => (said += String(text)));
  const close = (): void => void server.kill('SIGKILL');
  try {
    await eventually(() => /\(auth thread\)/.test(said)); // The last of its threads.
  } catch {
    close();
    throw new Error(`coturn does not run: ${said}`);
  }
  return { url: `turn:127.0.0.1:${port}`, close };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
