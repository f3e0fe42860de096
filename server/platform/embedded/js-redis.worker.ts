import { Server } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { createRedisServer } from 'js-redis-server';

// js-redis-server takes no host and would listen on every interface, without a password. This thread runs nothing else.
const prototype = Server.prototype as unknown as { listen: (this: Server, port: number, host?: string) => Server };
const { listen } = prototype;
prototype.listen = function (port) {
  return listen.call(this, port, '127.0.0.1');
};

// The version Debian 12 ships: Lua and commands that run here run there.
const server = await createRedisServer({ compatibility: 'redis-7.0' });
parentPort!.postMessage(server.port);
