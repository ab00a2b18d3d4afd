import { BSONRegExp } from 'bson';
import type { Collation } from '../bson/collation.js';
import { type BsonObject, isObject } from '../bson/values.js';
import { isTruthy } from './expression/number-kinds.js';
import { compileExpression, type ExpressionCompiler } from './expressions.js';
import { badValue, clauseList, isOperatorObject, unsupportedUnderCollation } from './filter-syntax.js';
import {
  assertNoRegex,
  compileOperator,
  equalityTest,
  existsOperand,
  inTest,
  regexTest,
} from './match-operators.js';
import { type PathSegments, someValue, splitPath } from './path.js';

/** Decides whether a document (with its BSON types) satisfies a filter. */
export type Matcher = (document: BsonObject) => boolean;

/** What the meaning of a filter depends on besides itself. */
export interface FilterContext {
  /** How `$expr` is evaluated; without variables unless told otherwise. */
  readonly expressions?: ExpressionCompiler | undefined;
  readonly collation?: Collation | undefined;
}

/**
 * Turn a filter into a test. Refuses unknown operators and malformed operands with BadValue, before any document is
 * read. Works on typed values, so that int64, decimals and `$type` are exact.
 */
export function compileFilter(filter: BsonObject, context: FilterContext = {}): Matcher {
  const tests = Object.keys(filter).flatMap((field) => compileEntry(field, filter[field], context));
  if (tests.length === 0) return () => true;
  const [only] = tests;
  if (tests.length === 1 && only) return only;
  return (document) => tests.every((test) => test(document));
}

function compileEntry(field: string, operand: unknown, context: FilterContext): Matcher[] {
  const compileClause = (clause: BsonObject): Matcher => compileFilter(clause, context);
  if (!field.startsWith('$')) return compileField(splitPath(field), operand, context.collation);
  switch (field) {
    case '$and':
      return clauseList(field, operand).map(compileClause);
    case '$or': {
      const clauses = clauseList(field, operand).map(compileClause);
      return [(document) => clauses.some((clause) => clause(document))];
    }
    case '$nor': {
      const clauses = clauseList(field, operand).map(compileClause);
      return [(document) => !clauses.some((clause) => clause(document))];
    }
    case '$expr': {
      if (context.collation) throw unsupportedUnderCollation('$expr');
      const evaluate = (context.expressions ?? compileExpression)(operand);
      return [(document) => isTruthy(evaluate(document))];
    }
    case '$comment':
      return [];
    default:
      throw badValue(`unknown top level operator: ${field}. The embedded store cannot evaluate it`);
  }
}

function compileField(segments: PathSegments, operand: unknown, collation: Collation | undefined): Matcher[] {
  if (operand instanceof BSONRegExp) {
    const test = regexTest(operand);
    return [(document) => someValue(document, segments, test)];
  }
  if (!isOperatorObject(operand)) {
    const test = equalityTest(operand, collation);
    return [(document) => someValue(document, segments, test)];
  }
  return compileOperators(segments, operand, collation);
}

/** The tests of `{ $gt: 1, $lt: 5 }`; each must hold, for whichever value of an array it likes. */
function compileOperators(
  segments: PathSegments,
  operators: BsonObject,
  collation: Collation | undefined,
): Matcher[] {
  const matchers: Matcher[] = [];
  for (const operator of Object.keys(operators)) {
    const operand = operators[operator];
    if (operator === '$options') {
      if (!Object.hasOwn(operators, '$regex')) throw badValue('$options needs a $regex');
    } else if (operator === '$not') {
      const inner = compileNot(segments, operand, collation);
      matchers.push((document) => !inner.every((matcher) => matcher(document)));
    } else if (operator === '$ne') {
      assertNoRegex('$ne', operand);
      const test = equalityTest(operand, collation);
      matchers.push((document) => !someValue(document, segments, test));
    } else if (operator === '$nin') {
      const test = inTest(operand, collation);
      matchers.push((document) => !someValue(document, segments, test));
    } else if (operator === '$exists') {
      const wanted = existsOperand(operand);
      matchers.push((document) => someValue(document, segments, isPresent, { wholeArrays: true }) === wanted);
    } else if (operator === '$elemMatch') {
      const test = compileElemMatch(operand, collation);
      matchers.push((document) => someValue(document, segments, test, { wholeArrays: true }));
    } else if (operator === '$all') {
      matchers.push(...compileAll(segments, operand, collation));
    } else {
      const { test, wholeArrays } = compileOperator(operator, operators, collation);
      matchers.push((document) => someValue(document, segments, test, { wholeArrays }));
    }
  }
  return matchers;
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}

function compileNot(segments: PathSegments, operand: unknown, collation: Collation | undefined): Matcher[] {
  if (operand instanceof BSONRegExp) return compileField(segments, operand, collation);
  if (!isOperatorObject(operand)) throw badValue('$not needs a regex or a document');
  return compileOperators(segments, operand, collation);
}

/** A test of an array: some one element satisfies every condition. */
export function compileElemMatch(operand: unknown, collation?: Collation): (value: unknown) => boolean {
  if (!isObject(operand)) throw badValue('$elemMatch needs an Object');
  const matchesElement = compileElement(operand, collation);
  return (value) => Array.isArray(value) && value.some(matchesElement);
}

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr', '$comment']);

function compileElement(
  operand: BsonObject,
  collation: Collation | undefined,
): (element: unknown) => boolean {
  const [first] = Object.keys(operand);
  if (isOperatorObject(operand) && first !== undefined && !LOGICAL.has(first)) {
    const matchers = compileOperators(['element'], operand, collation);
    return (element) => matchers.every((matcher) => matcher({ element }));
  }
  const matcher = compileFilter(operand, { collation });
  return (element) => {
    if (isObject(element)) return matcher(element);
    return Array.isArray(element) && matcher(Object.fromEntries(element.entries()));
  };
}

function compileAll(segments: PathSegments, operand: unknown, collation: Collation | undefined): Matcher[] {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return [() => false];
  return operand.flatMap((wanted: unknown) => {
    if (isObject(wanted) && Object.hasOwn(wanted, '$elemMatch')) {
      const test = compileElemMatch(wanted.$elemMatch, collation);
      return [(document: BsonObject) => someValue(document, segments, test, { wholeArrays: true })];
    }
    if (isOperatorObject(wanted)) throw badValue('no $ expressions in $all');
    return compileField(segments, wanted instanceof BSONRegExp ? wanted : { $eq: wanted }, collation);
  });
}
