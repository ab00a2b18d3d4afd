import { BSONRegExp } from 'bson';
import type { Collation } from '../../bson/collation.js';
import { type BsonObject, isObject } from '../../bson/values.js';
import { isTruthy } from '../expression/number-kinds.js';
import { compileExpression, type ExpressionCompiler } from '../expressions.js';
import { type PathSegments, someValue, splitPath } from '../path.js';
import {
  badValue,
  clauseList,
  isOperatorObject,
  unknownOperator,
  unsupportedUnderCollation,
} from './filter-syntax.js';
import {
  assertNoRegex,
  compileOperator,
  equalityTest,
  existsOperand,
  inTest,
  regexTest,
} from './match-operators.js';

/** Decides whether a document (with its BSON types) satisfies a filter. */
export type Matcher = (document: BsonObject) => boolean;

/** What the meaning of a filter depends on besides itself. */
export interface FilterContext {
  /** How `$expr` is evaluated; without variables unless told otherwise. */
  readonly expressions?: ExpressionCompiler | undefined;
  readonly collation?: Collation | undefined;
}

/** Which values a condition is put to, and how it compares texts. */
interface Subject {
  readonly segments: PathSegments;
  readonly collation: Collation | undefined;
  /** An array stands for itself only, not for its elements. */
  readonly wholeArrays?: boolean;
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
  if (!field.startsWith('$')) {
    return compileField({ segments: splitPath(field), collation: context.collation }, operand);
  }
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
      throw unknownOperator(field, 'top level operator');
  }
}

function compileField(subject: Subject, operand: unknown): Matcher[] {
  if (operand instanceof BSONRegExp) return [someValueOf(subject, regexTest(operand))];
  if (isOperatorObject(operand)) return compileOperators(subject, operand);
  return [someValueOf(subject, equalityTest(operand, subject.collation))];
}

function someValueOf({ segments, wholeArrays }: Subject, test: (value: unknown) => boolean): Matcher {
  return (document) => someValue(document, segments, test, { wholeArrays });
}

/** The tests of `{ $gt: 1, $lt: 5 }`; each must hold, for whichever value of an array it likes. */
function compileOperators(subject: Subject, operators: BsonObject): Matcher[] {
  const { collation } = subject;
  const ofArrays = { ...subject, wholeArrays: true };
  const matchers: Matcher[] = [];
  const add = (matcher: Matcher): void => void matchers.push(matcher);
  const addNegated = (matcher: Matcher): void => add((document) => !matcher(document));
  for (const operator of Object.keys(operators)) {
    const operand = operators[operator];
    if (operator === '$options') {
      if (!Object.hasOwn(operators, '$regex')) throw badValue('$options needs a $regex');
    } else if (operator === '$not') {
      const inner = compileNot(subject, operand);
      addNegated((document) => inner.every((matcher) => matcher(document)));
    } else if (operator === '$ne') {
      assertNoRegex('$ne', operand);
      addNegated(someValueOf(subject, equalityTest(operand, collation)));
    } else if (operator === '$nin') {
      addNegated(someValueOf(subject, inTest(operand, collation)));
    } else if (operator === '$exists') {
      const isThere = someValueOf(ofArrays, isPresent);
      if (existsOperand(operand)) add(isThere);
      else addNegated(isThere);
    } else if (operator === '$elemMatch') {
      add(someValueOf(ofArrays, compileElemMatch(operand, collation)));
    } else if (operator === '$all') {
      matchers.push(...compileAll(subject, operand));
    } else {
      const { test, wholeArrays = subject.wholeArrays } = compileOperator(operator, operators, collation);
      add(someValueOf({ ...subject, wholeArrays }, test));
    }
  }
  return matchers;
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}

function compileNot(subject: Subject, operand: unknown): Matcher[] {
  if (operand instanceof BSONRegExp || isOperatorObject(operand)) return compileField(subject, operand);
  throw badValue('$not needs a regex or a document');
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
    // An element that is an array again is not looked into, except by a further $elemMatch.
    const matchers = compileOperators({ segments: ['element'], collation, wholeArrays: true }, operand);
    return (element) => matchers.every((matcher) => matcher({ element }));
  }
  const matcher = compileFilter(operand, { collation });
  return (element) => {
    if (isObject(element)) return matcher(element);
    return Array.isArray(element) && matcher(Object.fromEntries(element.entries()));
  };
}

function compileAll(subject: Subject, operand: unknown): Matcher[] {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return [() => false];
  return operand.flatMap((wanted: unknown) => {
    const byElement = isObject(wanted) && Object.hasOwn(wanted, '$elemMatch');
    if (isOperatorObject(wanted) && !byElement) throw badValue('no $ expressions in $all');
    if (byElement) return compileOperators(subject, { $elemMatch: wanted.$elemMatch });
    return compileField(subject, wanted instanceof BSONRegExp ? wanted : { $eq: wanted });
  });
}
