import { equalValues } from '../../bson/compare.js';
import { isObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { unsupportedUnderCollation } from '../filter/filter-syntax.js';
import { compilePipeline } from '../stages.js';
import { immutableId, type UpdateRules, type Updater } from './updater.js';

const PIPELINE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

/** No stage of an update reads another collection. */
const NO_FOREIGN_ROWS = { find: () => [] };

/** An update that is a pipeline of stages, of which only those that shape a single document are allowed. */
export function compilePipelineUpdate(
  stages: readonly unknown[],
  { collation, variables = {} }: UpdateRules,
): Updater {
  if (collation) throw unsupportedUnderCollation('an update by a pipeline');
  for (const stage of stages) {
    const name = isObject(stage) ? Object.keys(stage)[0] : undefined;
    if (!isObject(stage) || name === undefined || !PIPELINE_STAGES.has(name)) {
      throw new StoreError('InvalidOptions', `${String(name)} is not allowed to be used within an update`);
    }
  }
  const run = compilePipeline(stages, { variables, foreign: NO_FOREIGN_ROWS });
  return (document) => {
    const [result = {}] = run([document]);
    if (!Object.hasOwn(document, '_id')) return result;
    const { _id = document._id, ...rest } = result;
    if (!equalValues(document._id, _id)) throw immutableId();
    return { _id, ...rest };
  };
}
