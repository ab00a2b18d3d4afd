// Owns reading values from text by their JSON Schema: all of a query or a form is text, and JSON has no dates. Does not own whether
// they may be so: what cannot be read stays as it is, for the schema it was made from to say what is wrong.
import type { JsonSchema } from './json-schema.js';

/** `text`: everything was written as text, and one value may stand for a list of one. `json`: only dates were. */
export type Source = 'text' | 'json';

export const decode = (schema: JsonSchema, value: unknown, source: Source): unknown => {
  const options = schema.anyOf ?? schema.oneOf;
  // What stands beside fields only says which of them go together.
  if (options !== undefined && schema.properties === undefined) return decodeOneOf(options, value, source);
  if (typeof value === 'string') return decodeText(schema, value, source);
  if (schema.type === 'array') {
    const { items } = schema;
    if (!Array.isArray(value) || !isSchema(items)) return value;
    return value.map((item) => decode(items, item, source));
  }
  return isRecord(value) ? decodeFields(schema, value, source) : value;
};

const decodeFields = (
  { properties }: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  source: Source,
): unknown => {
  if (properties === undefined) return value;
  const fields = Object.entries(properties).flatMap(([name, schema]) =>
    Object.hasOwn(value, name) && isSchema(schema) ? [[name, decode(schema, value[name], source)]] : [],
  );
  return { ...value, ...Object.fromEntries(fields) };
};

/** The first that makes something else of it: a text stays one only where nothing else fits. */
const decodeOneOf = (options: readonly JsonSchema[], value: unknown, source: Source): unknown => {
  for (const option of options) {
    const decoded = decode(option, value, source);
    if (decoded !== value) return decoded;
  }
  return value;
};

const decodeText = (schema: JsonSchema, text: string, source: Source): unknown => {
  if (schema.format === 'date-time') return decodeDate(text);
  if (source === 'json') return text;
  const { items } = schema;
  if (schema.type === 'array') return isSchema(items) ? [decode(items, text, source)] : [text];
  if (schema.type === 'integer' || schema.type === 'number') {
    return /^-?\d{1,17}(\.\d{1,17})?$/.test(text) ? Number(text) : text;
  }
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (schema.type === 'null') return text === 'null' ? null : text;
  return text;
};

/** A day stands for its beginning; what tells no zone is in UTC, wherever this runs. */
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/i;
/** The day alone. */
const DAY_CHARACTERS = 10;

const decodeDate = (text: string): unknown => {
  const read = DATE.exec(text);
  if (read === null || !isDay(text.slice(0, DAY_CHARACTERS))) return text;
  const isInUtc = text.length > DAY_CHARACTERS && read.groups?.zone === undefined;
  const date = new Date(isInUtc ? `${text}Z` : text);
  return Number.isNaN(date.getTime()) ? text : date;
};

/** `Date` takes the 30th of February for the 2nd of March. */
const isDay = (text: string): boolean => Number(text.slice(8)) === new Date(text).getUTCDate();

const isSchema = (value: unknown): value is JsonSchema => isRecord(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
