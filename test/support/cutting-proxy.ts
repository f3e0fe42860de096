import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** What PostgreSQL says to who connects while it recovers. */
const startingUp = Buffer.from('SFATAL\0C57P03\0Mthe database system is starting up\0\0');

/**
 * Stands between a program and PostgreSQL. Can lose one answer (the statement is run, nobody hears of it), with the connection or without
 * a sign, or play its restart.
 */
export async function startCuttingProxy(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let armed: { text: string; lose: (client: Socket) => void } | null = null;
  let cuts = 0;
  let restarting = false;
  let refusals = 0;

  const server = createServer((client) => {
    if (restarting) return refuse(client);
    const upstream = connect(Number(target.port), target.hostname);
    let lose: ((client: Socket) => void) | null = null;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.on('data', (chunk) => {
      if (armed && chunk.includes(armed.text)) {
        ({ lose } = armed);
        armed = null;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // Where one is to be lost the answer is here, so the statement is done.
      if (lose) lose(client);
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  url.hostname = '127.0.0.1';

  return {
    url: url.href,
    /** The answer to the next statement that contains `text` is lost, and its connection with it. */
    cutAnswerTo: (text: string): void => {
      armed = {
        text,
        lose(client) {
          cuts += 1;
          client.destroy();
        },
      };
    },
    /**
     * The answer to the next statement that contains `text` does not come, and its connection hangs until what is returned is called. That throws
     * when no such statement has come by.
     */
    holdAnswerTo(text: string): () => void {
      let hanging: Socket | null = null;
      armed = { text, lose: (client) => (hanging = client) };
      return () => {
        if (!hanging) throw new Error(`no statement with "${text}" has come by`);
        hanging.destroy();
      };
    },
    cuts: (): number => cuts,
    /** Every connection is lost, and each new one is told that the server is starting up. */
    restart(): void {
      restarting = true;
      open.forEach((socket) => socket.destroy());
    },
    refusals: (): number => refusals,
    async close(): Promise<void> {
      open.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function refuse(client: Socket): void {
    refusals += 1;
    const head = Buffer.from('E0000');
    head.writeInt32BE(startingUp.length + 4, 1);
    client.on('error', () => undefined).once('data', () => client.end(Buffer.concat([head, startingUp])));
  }
}
