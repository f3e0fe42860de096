import type { Redis } from 'ioredis';

/**
 * Which life of the Redis server this connection speaks to: asked once per connection, so that a restart is noticed by the
 * first command after it. "" for servers that don't say.
 */
export function runIdOf(redis: Redis): () => Promise<string> {
  const made = asked.get(redis) ?? createRunId(redis);
  asked.set(redis, made);
  return made;
}

/** One for each connection: it listens to it, as long as there is one. */
const asked = new WeakMap<Redis, () => Promise<string>>();

function createRunId(redis: Redis): () => Promise<string> {
  let known: Promise<string> | undefined;
  redis.on('close', () => {
    known = undefined;
  });

  return () => (known ??= ask());

  async function ask(): Promise<string> {
    try {
      return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? '';
    } catch (error) {
      known = undefined;
      throw error;
    }
  }
}
