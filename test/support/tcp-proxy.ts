import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Direction = 'toServer' | 'toClient';
const directions: readonly Direction[] = ['toServer', 'toClient'];

/** A TCP proxy in front of a database or a gateway, with the faults of a bad network. */
export type TcpProxy = {
  /** The target's URL with the proxy's address in it. */
  url: string;
  /** What arrives from now on is handed on this much later, in both directions. */
  delay(latencyMs: number): void;
  /** Hands nothing on, in one direction or both, and keeps what arrives: the other side is frozen, not gone. */
  stall(direction?: Direction): void;
  resume(): void;
  /** The connections that are open hang for good, as when their host is gone; new ones are served. */
  strand(): void;
  /** Cuts a connection once all of them together have handed on this many more bytes: in the middle of a message. */
  cutAfter(bytes: number, direction: Direction): void;
  /** Ends one direction of every connection (FIN) and leaves the other open. */
  halfClose(direction: Direction): void;
  /** Breaks every connection at once (RST). New ones are served. */
  cut(): void;
  /** Breaks every connection, and new ones at once, until `accept`. */
  refuse(): void;
  accept(): void;
  /** Connections open through it now. */
  readonly connections: number;
  close(): Promise<void>;
};

/** What is wrong with the network now; the same for all connections. */
type Faults = {
  latencyMs: number;
  stalled: Set<Direction>;
  bytesLeft: Record<Direction, number>;
};

/** Bytes that a stalled or slow direction keeps before it stops reading, as a full kernel buffer would. */
const keptBytesMax = 1024 * 1024;
const defaultPorts: Record<string, number> = { 'redis:': 6379, 'postgres:': 5432, 'postgresql:': 5432, 'http:': 80 };

/** Starts a proxy on a free loopback port. Close it in the test that started it. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const targetPort = Number(target.port) || defaultPorts[target.protocol]!;
  const faults: Faults = { latencyMs: 0, stalled: new Set(), bytesLeft: { toServer: Infinity, toClient: Infinity } };
  const links = new Set<Link>();
  let refusing = false;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refusing) return void client.resetAndDestroy();
    const upstream = connect({ host: target.hostname, port: targetPort, allowHalfOpen: true, noDelay: true });
    const link = new Link(client, upstream, faults, () => links.delete(link));
    links.add(link);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const cut = (): void => {
    for (const link of links) link.cut();
  };
  return {
    url: target.href.replace(/\/$/, ''),
    delay: (latencyMs) => void (faults.latencyMs = latencyMs),
    stall: (direction) => (direction ? [direction] : directions).forEach((each) => faults.stalled.add(each)),
    resume() {
      faults.stalled.clear();
      for (const link of links) link.flush();
    },
    strand() {
      for (const link of links) link.strand();
    },
    cutAfter: (bytes, direction) => void (faults.bytesLeft[direction] = bytes),
    halfClose(direction) {
      for (const link of links) link.halfClose(direction);
    },
    cut,
    refuse() {
      refusing = true;
      cut();
    },
    accept: () => void (refusing = false),
    get connections() {
      return links.size;
    },
    async close() {
      refusing = true;
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One connection through the proxy: two sockets and a pipe each way. */
class Link {
  readonly #ends: readonly [Socket, Socket];
  readonly #pipes: Record<Direction, Pipe>;

  constructor(client: Socket, upstream: Socket, faults: Faults, onGone: () => void) {
    this.#ends = [client, upstream];
    const cut = (): void => this.cut();
    this.#pipes = {
      toServer: new Pipe(client, upstream, 'toServer', faults, cut),
      toClient: new Pipe(upstream, client, 'toClient', faults, cut),
    };
    for (const end of this.#ends) {
      end.on('error', cut);
      end.on('close', () => {
        if (this.#ends.every((each) => each.destroyed)) onGone();
      });
    }
  }

  flush(): void {
    for (const direction of directions) this.#pipes[direction].flush();
  }

  strand(): void {
    for (const direction of directions) this.#pipes[direction].strand();
  }

  halfClose(direction: Direction): void {
    this.#pipes[direction].end();
  }

  cut(): void {
    for (const end of this.#ends) if (!end.destroyed) end.resetAndDestroy();
    for (const direction of directions) this.#pipes[direction].stop();
  }
}

/** What a pipe keeps: bytes, or the end of the stream (null), and when they are due. */
type Kept = { bytes: Buffer | null; dueAtMs: number };

/** Hands bytes from one socket to the other, in order, with the faults of the moment. */
class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #direction: Direction;
  readonly #faults: Faults;
  readonly #cut: () => void;
  readonly #kept: Kept[] = [];
  #keptBytes = 0;
  #stranded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, direction: Direction, faults: Faults, cut: () => void) {
    this.#from = from;
    this.#to = to;
    this.#direction = direction;
    this.#faults = faults;
    this.#cut = cut;
    from.on('data', (bytes: Buffer) => this.#keep(bytes));
    from.on('end', () => this.#keep(null));
    to.on('drain', () => this.flush());
  }

  end(): void {
    this.#to.end();
  }

  strand(): void {
    this.#stranded = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#kept.length = 0;
  }

  /** Hands on everything that is due; comes again when the next thing is. */
  flush(): void {
    clearTimeout(this.#timer);
    if (this.#stranded) return;
    while (this.#kept.length > 0 && !this.#faults.stalled.has(this.#direction) && !this.#to.writableNeedDrain) {
      const waitMs = this.#kept[0]!.dueAtMs - performance.now();
      if (waitMs > 0) return void (this.#timer = setTimeout(() => this.flush(), waitMs));
      const { bytes } = this.#kept.shift()!;
      this.#keptBytes -= bytes?.length ?? 0;
      if (bytes) this.#write(bytes);
      else this.end();
    }
    if (this.#keptBytes < keptBytesMax) this.#from.resume();
  }

  #keep(bytes: Buffer | null): void {
    this.#kept.push({ bytes, dueAtMs: performance.now() + this.#faults.latencyMs });
    this.#keptBytes += bytes?.length ?? 0;
    if (this.#keptBytes >= keptBytesMax) this.#from.pause();
    this.flush();
  }

  #write(bytes: Buffer): void {
    const { bytesLeft } = this.#faults;
    const allowed = Math.min(bytes.length, bytesLeft[this.#direction]);
    bytesLeft[this.#direction] -= allowed;
    if (this.#to.writable) this.#to.write(bytes.subarray(0, allowed));
    if (bytesLeft[this.#direction] > 0) return;
    bytesLeft[this.#direction] = Infinity; // One cut, then the network is whole again.
    // What was allowed has to get out before the connection breaks.
    setImmediate(() => this.#cut());
  }
}
