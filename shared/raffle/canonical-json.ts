/** A JSON value as it comes out of `JSON.parse`. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * The one spelling of a JSON value that is hashed: the JSON Canonicalization Scheme of RFC 8785.
 *
 * No white space; object members sorted by the UTF-16 code units of their names; strings and numbers as ECMAScript's
 * `JSON.stringify` writes them, which is what the RFC prescribes.
 *
 * @throws TypeError for what has no canonical spelling: numbers that are not finite, lone surrogates, and anything that is not JSON.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (isPlainObject(value)) return canonicalObject(value);
  throw new TypeError(`A ${typeof value} is not JSON`);
}

function canonicalObject(value: { readonly [name: string]: Json }): string {
  // Array.prototype.sort without a comparison orders strings by UTF-16 code units, as the RFC asks.
  const members = Object.keys(value)
    .sort()
    .map((name) => `${canonicalString(name)}:${canonicalJson(value[name]!)}`);
  return `{${members.join(',')}}`;
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is not JSON`);
  return JSON.stringify(value);
}

function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new TypeError('A string with a lone surrogate has no UTF-8 form');
  return JSON.stringify(value);
}

function isPlainObject(value: unknown): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
