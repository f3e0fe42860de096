import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { z } from 'zod';

/**
 * Loads one Lua file and returns a typed call for it. `numberOfKeys` is `any` for scripts that take a list of keys.
 *
 * The script travels as EVALSHA, so its version is its content: old and new servers can run side by side.
 * The reply is parsed, because a Lua table is the one value here that no compiler has seen.
 */
export function defineScript<Reply extends z.ZodType>(file: URL, numberOfKeys: number | 'any', reply: Reply) {
  const lua = readFileSync(file, 'utf8');
  const name = `lua:${file.pathname.split('/').slice(-3).join('/')}`; // Never the name of a Redis command.
  return async (redis: Redis, keys: string[], args: (string | number | Buffer)[]): Promise<z.output<Reply>> => {
    if (numberOfKeys !== 'any' && keys.length !== numberOfKeys)
      throw new TypeError(`${name} takes ${numberOfKeys} keys, got ${keys.length}`);
    const scripts = redis as unknown as Record<string, ((...args: unknown[]) => Promise<unknown>) | undefined>;
    if (!scripts[name]) redis.defineCommand(name, { lua });
    return reply.parse(await scripts[name]!(keys.length, ...keys, ...args));
  };
}
