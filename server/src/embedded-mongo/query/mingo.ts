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
  given: readonly BsonObject[],
  stage: BsonObject,
  variables: BsonObject,
): BsonObject[] {
  const options = { scriptEnabled: false, variables: promoteObject(variables) };
  try {
    const results: unknown[] = mingo().aggregate(given.map(promoteObject), [promoteObject(stage)], options);
    const rows = results.filter(isObject);
    // mingo puts it last there.
    return Object.hasOwn(stage, '$bucketAuto') ? rows.map(({ _id, ...rest }) => ({ _id, ...rest })) : rows;
  } catch (cause) {
    throw new StoreError('BadValue', cause instanceof Error ? cause.message : String(cause));
  }
}
