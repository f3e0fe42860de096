import { z } from 'zod';

type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  minItems?: number;
  minimum?: number;
  exclusiveMinimum?: number;
};

/** Texts for formats and patterns that can't be made from their schema. */
const texts: Record<string, string> = {
  uuid: '01890a5d-ac96-774b-bcce-b302099a8057',
  email: 'nobody@example.test',
  uri: 'https://example.test/x',
  'date-time': '2026-01-01T00:00:00Z',
};
const byPattern: readonly [RegExp, string][] = [
  [/A-Z\]\{3\}/, 'EUR'],
  [/A-Z\]\{2\}/, 'DE'],
];

/** The least input a schema accepts, with `known` fields put in where the schema has them. */
export function sampleInput(schema: z.ZodType, known: Record<string, unknown>): unknown {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const input = sample(json);
  if (typeof input !== 'object' || input === null) return input;
  const fields = Object.entries(known).filter(([field]) => json.properties && field in json.properties);
  return { ...input, ...Object.fromEntries(fields) };
}

function sample(schema: Schema): unknown {
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return sample(choice[0]!);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries((schema.required ?? []).map((field) => [field, sample(schema.properties![field]!)]));
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items!));
    case 'string':
      return sampleText(schema);
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 0, (schema.exclusiveMinimum ?? -1) + 1);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function sampleText({ format, pattern, minLength = 0 }: Schema): string {
  const known = format ? texts[format] : byPattern.find(([sign]) => pattern && sign.test(pattern))?.[1];
  return known ?? 'x'.repeat(Math.max(minLength, 1));
}
