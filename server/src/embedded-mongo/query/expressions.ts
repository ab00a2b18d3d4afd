import { createRequire } from 'node:module';
import type * as Mingo from 'mingo';
import { type BsonObject, promote } from '../bson/values.js';
import { StoreError } from '../errors.js';

let loaded: typeof Mingo | undefined;

/**
 * mingo, loaded when the first aggregation or expression needs it: it takes longer to load than the rest of the store,
 * and plain reads and writes never use it.
 */
export function mingo(): typeof Mingo {
  loaded ??= loadMingo();
  return loaded;
}

function loadMingo(): typeof Mingo {
  const load: (name: 'mingo') => typeof Mingo = createRequire(import.meta.url);
  return load('mingo');
}

/** Run something of mingo's, and turn what it refuses into MongoDB's BadValue. */
export function guardMingo<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('BadValue', message);
  }
}

/** An aggregation expression as a function of a promoted document. */
export function compileExpression(expression: unknown): (document: BsonObject) => unknown {
  const plain = promote(expression);
  return (document) => {
    const [row] = guardMingo(() => mingo().aggregate([document], [{ $project: { _id: 0, value: plain } }]));
    return typeof row === 'object' && row !== null && 'value' in row ? row.value : undefined;
  };
}
