import { createRequire } from 'node:module';
import type * as Mingo from 'mingo';
import { type BsonObject, promote, promoteObject } from '../bson/values.js';
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

/** Operators that would run code sent by a client stay switched off. */
export const NO_SCRIPTS = { scriptEnabled: false } as const;

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

/** Turns an aggregation expression into a function of a promoted document. */
export type ExpressionCompiler = (expression: unknown) => (document: BsonObject) => unknown;

/** Expressions that may use the variables of a `let`. */
export function expressionsWith(variables: BsonObject): ExpressionCompiler {
  const options = { ...NO_SCRIPTS, variables: promoteObject(variables) };
  return (expression) => {
    const stage = { $replaceWith: { value: promote(expression) } };
    return (document) => {
      const [row] = guardMingo(() => mingo().aggregate([document], [stage], options));
      return typeof row === 'object' && row !== null && 'value' in row ? row.value : undefined;
    };
  };
}

/** Expressions without variables. */
export const compileExpression: ExpressionCompiler = expressionsWith({});
