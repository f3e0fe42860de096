import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What stands before several gateways: new connections go to the next one, over dead ones to the one after. */
export async function startBalancer(targets: readonly string[]) {
  const ports = targets.map((url) => Number(new URL(url).port));
  const open = new Set<Socket>();
  let next = 0;
  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => undefined).on('close', () => open.delete(client));
    tryTarget(client, ports.length);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function tryTarget(client: Socket, left: number): void {
    const target = connect(ports[next++ % ports.length]!, '127.0.0.1');
    target.once('connect', () => {
      client.pipe(target).pipe(client);
      client.on('close', () => target.destroy());
      target.on('close', () => client.destroy());
    });
    target.on('error', () => (target.connecting && left > 1 ? tryTarget(client, left - 1) : client.destroy()));
  }
}
