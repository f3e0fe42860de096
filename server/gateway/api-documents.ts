import { z } from 'zod';
import { errorCodes, errorReasons } from '../../shared/errors.ts';
import type { Command, RoomEvent } from '../../shared/protocol/define.ts';
import { commands, notices, protocolVersion, roomEvents } from '../../shared/protocol/index.ts';
import { repeatable } from '../../shared/protocol/repeatable.ts';

type Json = Record<string, unknown>;
const license = { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' };
const info = { title: 'Nightmarket', version: String(protocolVersion), license };

/** OpenAPI 3.1 of all commands that have an HTTP binding, from the schemas that validate. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const [name, definition] of Object.entries(commands) as [string, Command][]) {
    if (!definition.http) continue;
    const path = definition.http.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[definition.http.method.toLowerCase()] = operationOf(name, definition);
  }
  const securitySchemes = { session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } };
  return {
    openapi: '3.1.0',
    info,
    paths,
    security: [{ session: [] }, {}],
    components: { securitySchemes, schemas: { Error: errorSchema() } },
  };
}

/** AsyncAPI 3.0 of the socket: commands with their acknowledgements, notices, and the bodies of room log entries. */
export function asyncApiDocument(): Json {
  const all = Object.entries(commands) as [string, Command][];
  const sent = all.map(([name, { input, summary }]) => [
    idOf(name),
    { name, summary, payload: schemaOf(input, 'input') },
  ]);
  const answered = all.map(([name, { output }]) => [
    `${idOf(name)}.ack`,
    { name: `${name} (ack)`, payload: replySchema(output) },
  ]);
  const unasked = Object.entries(notices).map(([name, schema]) => [
    idOf(name),
    { name, payload: schemaOf(schema, 'output') },
  ]);
  const ref = (id: unknown) => ({ $ref: `#/channels/socket/messages/${String(id)}` });
  const operations = Object.fromEntries([
    ...all.map(([name]) => [
      idOf(name),
      {
        action: 'receive',
        channel: { $ref: '#/channels/socket' },
        messages: [ref(idOf(name))],
        ...markOf(name),
        reply: { channel: { $ref: '#/channels/socket' }, messages: [ref(`${idOf(name)}.ack`)] },
      },
    ]),
    ...unasked.map(([id]) => [id, { action: 'send', channel: { $ref: '#/channels/socket' }, messages: [ref(id)] }]),
  ]) as Json;
  const messages = Object.fromEntries([...sent, ...answered, ...unasked]) as Json;
  return {
    asyncapi: '3.0.0',
    info: { ...info, description: 'Socket.IO events; see docs/protocol.md for the handshake and for room frames.' },
    channels: { socket: { address: '/socket.io/', messages } },
    operations,
    components: { schemas: entrySchemas() },
  };
}

/** What the body of each kind of entry looks like that comes in a room frame. */
function entrySchemas(): Json {
  const all = Object.entries(roomEvents) as [string, RoomEvent][];
  return Object.fromEntries(
    all.map(([kind, { lane, body }]) => [
      `entry.${idOf(kind)}`,
      { title: kind, description: `Lane: ${lane}.`, ...schemaOf(body, 'output') },
    ]),
  );
}

/** Whether a command without a key may be sent again when its answer was lost. */
const markOf = (name: string): Json => (repeatable.has(name) ? { 'x-repeatable': true } : {});

/** Event names with characters that both documents allow in keys. */
const idOf = (event: string): string => event.replaceAll(':', '.');

function operationOf(name: string, { summary, input, output, http }: Command): Json {
  const schema = schemaOf(input, 'input') as { properties?: Record<string, Json>; required?: string[] };
  const inPath = [...http!.path.matchAll(/:(\w+)/g)].map(([, field]) => field!);
  const fields = Object.entries(schema.properties ?? {});
  const takesBody = http!.method !== 'GET' && http!.method !== 'DELETE';
  const parameters = fields
    .filter(([field]) => inPath.includes(field) || !takesBody)
    .map(([field, fieldSchema]) => ({
      name: field,
      in: inPath.includes(field) ? 'path' : 'query',
      required: inPath.includes(field) || (schema.required?.includes(field) ?? false),
      schema: fieldSchema,
    }));
  const body = { ...schema, properties: Object.fromEntries(fields.filter(([field]) => !inPath.includes(field))) };
  if (body.required) body.required = body.required.filter((field) => !inPath.includes(field));
  return {
    operationId: idOf(name),
    summary,
    ...markOf(name),
    tags: [name.split(':')[0]],
    parameters,
    ...(takesBody ? { requestBody: { content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      200: { description: 'Done', content: { 'application/json': { schema: replySchema(output) } } },
      default: {
        description: 'Refused',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const replySchema = (output: z.ZodType): Json => ({
  type: 'object',
  required: ['ok', 'data'],
  properties: { ok: { const: true }, data: schemaOf(output, 'output') },
});

function errorSchema(): Json {
  const error = {
    type: 'object',
    required: ['code', 'message', 'retryable'],
    properties: {
      code: { enum: Object.keys(errorCodes) },
      message: { type: 'string' },
      retryable: { type: 'boolean' },
      retryAfterMs: { type: 'integer' },
      reason: { enum: [...errorReasons] },
      detail: { type: 'string' },
    },
  };
  return { type: 'object', required: ['ok', 'error'], properties: { ok: { const: false }, error } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  delete json['$schema'];
  return json;
}
