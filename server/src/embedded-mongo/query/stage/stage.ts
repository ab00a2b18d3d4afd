import type { Collation } from '../../bson/collation.js';
import { type BsonObject, isObject, numberOf } from '../../bson/values.js';
import { LocationError, StoreError } from '../../errors.js';
import type { Bindings, Compiler } from '../expression/scope.js';

/** Other collections of the same database, for `$lookup` and its like. */
export interface ForeignRows {
  find(collection: string, filter: BsonObject): BsonObject[];
}

/** A stage ready to run; the bindings hold the variables of the command and of every `$lookup` around it. */
export type Run = (rows: BsonObject[], bindings: Bindings) => BsonObject[];

/** What a stage may need to be compiled. */
export interface StageContext {
  readonly compiler: Compiler;
  readonly foreign: ForeignRows;
  readonly collation?: Collation | undefined;
  /** Compiles a pipeline inside the stage; `names` are the variables it may use besides those around it. */
  readonly pipeline: (stages: readonly unknown[], names?: readonly string[]) => Run;
}

/** Reads the operand of a stage, refuses it when it is wrong, and makes it ready to run. */
export type Stage = (operand: unknown, context: StageContext) => Run;

/** Stages that are short for others. */
export type Sugar = (operand: unknown) => BsonObject[];

/** A whole number the client gives a stage, as `$limit` and `$skip` take it. */
export function stageNumber(operand: unknown, name: string, code: number): number {
  const number = numberOf(operand);
  const problem =
    number === undefined
      ? 'a number'
      : !Number.isInteger(number)
        ? 'an integer'
        : number < 0
          ? 'a non-negative number'
          : undefined;
  if (problem === undefined && number !== undefined) return number;
  throw new LocationError(code, `invalid argument to ${name} stage: Expected ${problem} in: ${name}`);
}

export function objectOperand(stage: string, operand: unknown, code?: number): BsonObject {
  if (isObject(operand)) return operand;
  const message = `the ${stage} stage specification must be an object`;
  throw code === undefined ? new StoreError('FailedToParse', message) : new LocationError(code, message);
}

/** The stages of a pipeline inside another stage. */
export function pipelineOperand(stage: string, operand: unknown): unknown[] {
  if (Array.isArray(operand)) return operand;
  throw new StoreError('TypeMismatch', `the pipeline of ${stage} must be an array`);
}
