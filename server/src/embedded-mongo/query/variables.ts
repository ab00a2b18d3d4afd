import { type BsonObject, isObject } from '../bson/values.js';
import { LocationError } from '../errors.js';
import { userVariable } from './expression/arguments.js';
import { expressionsWith } from './expressions.js';

/**
 * The values of the variables of a `let`, worked out once and before any document is read. A variable may use those before
 * it. Refuses names that are no variable's, and expressions that look into a document.
 */
export function valuesOfLet(definitions: BsonObject): BsonObject {
  let values: BsonObject = {};
  for (const [name, expression] of Object.entries(definitions)) {
    if (readsDocument(expression)) {
      throw new LocationError(
        4890500,
        'Command let Expression tried to access a field, but this is not allowed because Command let Expressions run before the query examines any documents.',
      );
    }
    const value = expressionsWith(values)(expression)({});
    values = { ...values, [userVariable(name)]: value === undefined ? null : value };
  }
  return values;
}

function readsDocument(expression: unknown): boolean {
  if (typeof expression === 'string') return /^\$(?!\$)|^\$\$(ROOT|CURRENT)\b/.test(expression);
  if (Array.isArray(expression)) return expression.some(readsDocument);
  if (!isObject(expression) || Object.hasOwn(expression, '$literal')) return false;
  return Object.values(expression).some(readsDocument);
}
