import { ACCUMULATORS } from './operators/accumulators.js';
import { ARITHMETIC } from './operators/arithmetic.js';
import { ARRAYS } from './operators/arrays.js';
import { DATE_CHANGES } from './operators/date-changes.js';
import { DATES } from './operators/dates.js';
import { FUNCTIONS } from './operators/functions.js';
import { ITERATION } from './operators/iteration.js';
import { LOGIC } from './operators/logic.js';
import { OBJECTS } from './operators/objects.js';
import { REGEX } from './operators/regex.js';
import { SETS } from './operators/sets.js';
import { STRINGS } from './operators/strings.js';
import { TYPES } from './operators/types.js';
import { VARIABLES_AND_FIELDS } from './operators/variables.js';
import type { Operator } from './scope.js';

/** Every operator an expression may use. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  ...ACCUMULATORS,
  ...ARITHMETIC,
  ...ARRAYS,
  ...DATES,
  ...DATE_CHANGES,
  ...FUNCTIONS,
  ...ITERATION,
  ...LOGIC,
  ...OBJECTS,
  ...REGEX,
  ...SETS,
  ...STRINGS,
  ...TYPES,
  ...VARIABLES_AND_FIELDS,
};
