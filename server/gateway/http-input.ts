import type { Request } from 'express';
import { z } from 'zod';

/**
 * Puts path parameters, query and body of a request together as the input of a command.
 *
 * Path and query are text; where the schema wants a number, a boolean or a list, the text is read as one. What can't be
 * read is passed on as it came, so that the schema names the problem. The path wins over the query, the query over the body.
 */
export function inputOf(schema: z.ZodType, request: Pick<Request, 'body' | 'query' | 'params'>): unknown {
  const body: unknown = request.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) return body;
  const text = { ...request.query, ...request.params };
  const read = Object.entries(text).map(([name, value]) => [name, readText(fieldOf(schema, name), value)]);
  return { ...body, ...(Object.fromEntries(read) as Record<string, unknown>) };
}

function fieldOf(schema: z.ZodType, name: string): z.ZodType | undefined {
  return schema instanceof z.ZodObject ? bare((schema.shape as Record<string, z.ZodType>)[name]) : undefined;
}

/** The schema inside optional, nullable and default. */
function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return bare(schema.unwrap() as z.ZodType);
  }
  return schema;
}

function readText(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema instanceof z.ZodArray)
    return [value].flat().map((item) => readText(bare(schema.element as z.ZodType), item));
  if (typeof value !== 'string') return value;
  if (schema instanceof z.ZodNumber && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (schema instanceof z.ZodBoolean && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
