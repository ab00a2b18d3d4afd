import { StoreError } from '../errors.js';

/** The parts of `database.collection`, as commands name it that act on more than their own database. */
export function splitNamespace(value: unknown): { database: string; name: string } {
  const dot = typeof value === 'string' ? value.indexOf('.') : -1;
  if (typeof value !== 'string' || dot < 1)
    throw new StoreError('InvalidNamespace', 'Invalid namespace specified');
  return { database: value.slice(0, dot), name: value.slice(dot + 1) };
}
