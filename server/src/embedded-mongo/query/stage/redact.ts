import { type BsonObject, isObject, setField } from '../../bson/values.js';
import { LocationError } from '../../errors.js';
import { bindAll, type Evaluate, type Scope, scopeIn } from '../expression/scope.js';
import type { Stage } from './stage.js';

/** What the expression may decide about a document, by the names of its variables. */
const DECISIONS = { KEEP: 'keep', PRUNE: 'prune', DESCEND: 'descend' } as const;

/** Keeps or drops documents, and those in them, by an expression that ends in `$$KEEP`, `$$PRUNE` or `$$DESCEND`. */
export const redact: Stage = (operand, { compiler }) => {
  const evaluate = compiler.within(...Object.keys(DECISIONS)).compile(operand);
  return (rows, bindings) =>
    rows.flatMap((row) => redacted(row, evaluate, scopeIn(row, bindAll(DECISIONS, bindings))));
};

/** The document that is left, or none. */
function redacted(document: BsonObject, evaluate: Evaluate, scope: Scope): BsonObject[] {
  const decision = evaluate({ ...scope, current: document });
  if (decision === DECISIONS.KEEP) return [document];
  if (decision === DECISIONS.PRUNE) return [];
  if (decision !== DECISIONS.DESCEND) {
    throw new LocationError(17053, '$redact must evaluate to $$KEEP, $$PRUNE or $$DESCEND');
  }
  const result: BsonObject = {};
  for (const field of Object.keys(document)) {
    for (const value of redactedValue(document[field], evaluate, scope)) setField(result, field, value);
  }
  return [result];
}

function redactedValue(value: unknown, evaluate: Evaluate, scope: Scope): unknown[] {
  if (isObject(value)) return redacted(value, evaluate, scope);
  if (!Array.isArray(value)) return [value];
  return [value.flatMap((element: unknown) => redactedValue(element, evaluate, scope))];
}
