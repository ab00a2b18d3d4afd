// Owns what a route calls the fields that the procedures behind it find wrong.
import { AppError } from '@parley/shared';
import { toAppError } from '../../trpc/index.js';

/** A route's names by those of procedures. */
export type FieldNames = Readonly<Record<string, string>>;

/** What the work rejects with names fields as the route does: by `names`, else the same in snake_case. */
export const inOwnNames = async <Result>(
  names: FieldNames | undefined,
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    throw renamed(error, names ?? {});
  }
};

const renamed = (error: unknown, names: FieldNames): unknown => {
  const { code, details, logMessage, cause } = toAppError(error);
  if (details.fields === undefined) return error;
  const fields = new Map<string, readonly string[]>();
  for (const [path, messages] of Object.entries(details.fields)) {
    const [name = '', ...inside] = path.split('.');
    const own = [Object.hasOwn(names, name) ? names[name] : toSnakeCase(name), ...inside].join('.');
    fields.set(own, [...(fields.get(own) ?? []), ...messages]);
  }
  const own = { ...details, fields: Object.fromEntries(fields) };
  return new AppError(code, { details: own, cause, ...(logMessage !== undefined && { logMessage }) });
};

const toSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
