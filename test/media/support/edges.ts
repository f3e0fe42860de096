import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { compileCache } from '../../support/compile-cache.ts';
import { urlOf } from './edge-serving.ts';

/** An edge as a process of its own, which a test may kill, or freeze with its workers. */
export async function startEdgeProcess() {
  const child = fork(fileURLToPath(new URL('./edge-process.ts', import.meta.url)), {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, MEDIASOUP_WORKER_BIN: inject('workerBin')! },
    execArgv: [],
    detached: true,
  });
  const [url] = (await once(child, 'message')) as [string];
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const signal = (name: NodeJS.Signals) => process.kill(-child.pid!, name);
  const kill = (): void => void (isOver() || signal('SIGKILL'));
  process.once('exit', kill); // One that stands still hears nothing of our end.
  return {
    url,
    routers: async () => (await (await fetch(`${url}/routers`)).json()) as number,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    /** SIGKILL: it ends where it stands. */
    close(): void {
      process.off('exit', kill);
      kill();
    },
  };
}

/** Between home and an edge: their words pass, and the packets of their pipes as long as they are not cut. */
export async function cuttablePipe(edgeUrl: string) {
  let cut: 'nothing' | 'way back' | 'both ways' = 'nothing';
  let isBehindNat = false;
  let isHeld = false;
  const sockets = await Promise.all([boundSocket(), boundSocket(), boundSocket()]);
  const [towardsEdge, towardsHome, otherPort] = sockets;
  let home = { ip: '', port: 0 };
  let edge = { ip: '', port: 0 };
  towardsEdge.on('message', (packet) => {
    if (cut === 'nothing') (isBehindNat ? otherPort : towardsHome).send(packet, home.port, home.ip);
  });
  towardsHome.on('message', (packet) => void (cut === 'both ways' || towardsEdge.send(packet, edge.port, edge.ip)));
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy()); // Home has given up, or the edge has closed.
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: urlOf(server),
    cut: () => (cut = 'both ways'),
    /** Of what the edge sends nothing arrives. */
    cutBack: () => (cut = 'way back'),
    /** What the edge sends comes from a port that home was not told of. */
    hideBehindNat: () => (isBehindNat = true),
    /** Home gets no answer any more when it says what a room shows. */
    holdRelays: () => (isHeld = true),
    close() {
      server.closeAllConnections();
      server.close();
      for (const socket of sockets) socket.close();
    },
  };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = '' } = request.headers;
    const asked = (await json(request)) as any;
    const isRelay = request.url!.endsWith('/relay');
    if (isRelay && isHeld) return;
    if (isRelay && asked.room.pipe) {
      home = { ip: asked.room.pipe.ip, port: asked.room.pipe.port };
      Object.assign(asked.room.pipe, { ip: '127.0.0.1', port: towardsEdge.address().port });
    }
    const answer = await fetch(`${edgeUrl}${request.url}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    });
    const told = (await answer.json()) as any;
    if (isRelay && told.data?.pipe) {
      edge = { ip: told.data.pipe.ip, port: told.data.pipe.port };
      Object.assign(told.data.pipe, { ip: '127.0.0.1', port: towardsHome.address().port });
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(told));
  }
}

async function boundSocket() {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
