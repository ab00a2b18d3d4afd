import type { Connection } from 'mongoose';

interface Row {
  readonly _id: unknown;
  readonly [field: string]: unknown;
}

/** Names of the collections in which a text is, in whatever form, once for each row. */
export const findEverywhere = async (database: Connection, text: string): Promise<string[]> => {
  const names: string[] = [];
  const needle = Buffer.from(text);
  const holds = (value: unknown): boolean => {
    if (typeof value === 'string') return value.includes(text);
    if (value === null || typeof value !== 'object') return false;
    if ('buffer' in value && value.buffer instanceof Uint8Array)
      return Buffer.from(value.buffer).includes(needle);
    return Object.values(value).some(holds);
  };
  for (const { name } of await database.listCollections()) {
    for await (const row of database.collection<Row>(name).find()) if (holds(row)) names.push(name);
  }
  return names;
};
