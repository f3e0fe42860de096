import { expect, test } from 'vitest';
import { z } from 'zod';
import { inputOf } from '../../server/gateway/http-input.ts';

const schema = z.strictObject({
  roomId: z.string(),
  limit: z.int().default(20),
  live: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  title: z.string().optional(),
});
const read = (request: { body?: unknown; query?: object; params?: object }) =>
  inputOf(schema, { body: request.body, query: { ...request.query }, params: { ...request.params } } as never);

test('text of path and query is read as the schema wants it', () => {
  const input = read({ params: { roomId: '7' }, query: { limit: '5', live: 'true', tags: 'a' } });

  expect(schema.parse(input)).toEqual({ roomId: '7', limit: 5, live: true, tags: ['a'] });
});

test('the path wins over the query, and the query over the body', () => {
  const input = read({
    params: { roomId: 'path' },
    query: { roomId: 'query', title: 'query' },
    body: { roomId: 'body', title: 'body' },
  });

  expect(input).toEqual({ roomId: 'path', title: 'query' });
});

test.each(['five', '', '1e9', '0x10', '5;drop'])('a limit of %j is left for the schema to refuse', (limit) => {
  expect(schema.safeParse(read({ params: { roomId: 'r' }, query: { limit } })).success).toBe(false);
});

test('a body that is not an object is passed on for the schema to refuse', () => {
  for (const body of ['text', 7, [1]]) expect(schema.safeParse(read({ body })).success).toBe(false);
});
