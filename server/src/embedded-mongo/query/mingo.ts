import { createRequire } from 'node:module';
import type * as Mingo from 'mingo';
import { type BsonObject, isObject, promoteObject } from '../bson/values.js';
import { StoreError } from '../errors.js';

let loaded: typeof Mingo | undefined;

/**
 * mingo, loaded when the first of the few stages needs it that the store leaves to it: it takes longer to load than the rest of
 * the store.
 */
function mingo(): typeof Mingo {
  loaded ??= loadMingo();
  return loaded;
}

function loadMingo(): typeof Mingo {
  const load: (name: 'mingo') => typeof Mingo = createRequire(import.meta.url);
  return load('mingo');
}

/** Run a stage of mingo's on plain numbers, without operators that run code; what it refuses becomes MongoDB's BadValue. */
export function runMingoStage(
  rows: readonly BsonObject[],
  stage: BsonObject,
  variables: BsonObject,
): BsonObject[] {
  const options = { scriptEnabled: false, variables: promoteObject(variables) };
  try {
    const results: unknown[] = mingo().aggregate(rows.map(promoteObject), [promoteObject(stage)], options);
    return results.filter(isObject);
  } catch (cause) {
    throw new StoreError('BadValue', cause instanceof Error ? cause.message : String(cause));
  }
}
