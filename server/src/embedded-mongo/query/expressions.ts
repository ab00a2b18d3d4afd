import type { BsonObject } from '../bson/values.js';
import { compilerWith } from './expression/compile.js';
import { type Bindings, bindAll, expressionsBound } from './expression/scope.js';

/** Turns an aggregation expression into a function of a document with its BSON types. */
export type ExpressionCompiler = (expression: unknown) => (document: BsonObject) => unknown;

/** Expressions that may use these variables. */
export function expressionsWith(variables: BsonObject): ExpressionCompiler {
  return expressionsBound(compilerWith(Object.keys(variables)), commandBindings(variables)).compile;
}

/** Expressions without variables. */
export const compileExpression: ExpressionCompiler = (expression) => expressionsWith({})(expression);

/** The variables of a command, and the time it began. */
export function commandBindings(variables: BsonObject): Bindings {
  return bindAll({ NOW: new Date(), ...variables });
}
