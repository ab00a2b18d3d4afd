import type { BsonObject } from '../../bson/values.js';
import type { KeyRange } from '../../storage/scans.js';
import type { Plan } from './planner.js';

/**
 * The keys of an index of which each is a document that is counted, and no other: where the filter says nothing but what text the first
 * fields of an index hold, and every document has exactly one key there. Undefined where the documents must be looked at.
 */
export function countedKeys(filter: BsonObject, plan: Plan): KeyRange | undefined {
  if (plan.kind !== 'index') return undefined;
  const { index, ranges } = plan;
  const { multikey, truncated, sparse, partialFilter, collation } = index;
  if (multikey || truncated || sparse || partialFilter || collation) return undefined;
  const wanted = Object.keys(filter).length;
  const leading = index.fields.slice(0, wanted).map(({ path }) => path);
  const isAll = leading.length === wanted && leading.every((path) => typeof filter[path] === 'string');
  return isAll && ranges.length === 1 ? ranges[0] : undefined;
}
