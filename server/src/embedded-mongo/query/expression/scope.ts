import type { BsonObject } from '../../bson/values.js';

/** A variable and what was bound before it; `$map` and its like bind one for each element, so nothing is copied. */
interface Binding {
  readonly name: string;
  readonly value: unknown;
  readonly outer: Bindings;
}
export type Bindings = Binding | undefined;

/** Where an expression looks things up. `current` is what `$field` starts from; only `$redact` lets it leave the root. */
export interface Scope {
  readonly root: unknown;
  readonly current: unknown;
  readonly bindings: Bindings;
}

/** A compiled expression. `undefined` is MongoDB's "missing", which is not null. */
export type Evaluate = (scope: Scope) => unknown;

/** Turns expressions into functions and refuses what is malformed, before any document is read. */
export interface Compiler {
  compile(expression: unknown): Evaluate;
  /** The same, where these variables exist too. */
  within(...names: string[]): Compiler;
}

/** Compiles the operand of one operator; `name` is the operator's own, for messages. */
export type Operator = (operand: unknown, compiler: Compiler, name: string) => Evaluate;

export function scopeIn(document: unknown, bindings: Bindings): Scope {
  return { root: document, current: document, bindings };
}

function bound(bindings: Bindings, name: string, value: unknown): Bindings {
  return { name, value, outer: bindings };
}

export function bind(scope: Scope, name: string, value: unknown): Scope {
  return { ...scope, bindings: bound(scope.bindings, name, value) };
}

/** The variables of a command or a stage, bound within those around it. */
export function bindAll(variables: BsonObject, outer?: Bindings): Bindings {
  return Object.keys(variables).reduce<Bindings>((at, name) => bound(at, name, variables[name]), outer);
}

export function variableOf(scope: Scope, name: string): unknown {
  for (let at = scope.bindings; at; at = at.outer) if (at.name === name) return at.value;
  return undefined;
}

/** Expressions for the parts of the store that know only documents; whoever runs them sets the bindings first. */
export interface BoundExpressions {
  bindings: Bindings;
  readonly compile: (expression: unknown) => (document: unknown) => unknown;
}

export function expressionsBound(compiler: Compiler, bindings?: Bindings): BoundExpressions {
  const result: BoundExpressions = {
    bindings,
    compile: (expression) => {
      const evaluate = compiler.compile(expression);
      return (document) => evaluate(scopeIn(document, result.bindings));
    },
  };
  return result;
}
