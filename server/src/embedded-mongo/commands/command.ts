import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { Store } from '../storage/store.js';
import type { CursorRegistry } from './cursors.js';

/** What a command may use besides its own request. */
export interface CommandContext {
  readonly store: Store;
  readonly cursors: CursorRegistry;
  readonly connectionId: number;
}

/** One command as the client sent it; numbers in `body` still have their BSON types. */
export interface CommandRequest {
  readonly name: string;
  readonly database: string;
  readonly body: BsonObject;
  /** Raw documents of `documents`, `updates` or `deletes`, from the body or from a document sequence. */
  readonly documents: readonly Buffer[];
}

/** A reply without `ok`, or the finished bytes of one. */
export type CommandReply = BsonObject | Buffer;

export type CommandHandler = (
  request: CommandRequest,
  context: CommandContext,
) => CommandReply | Promise<CommandReply>;

/** The collection a command names in the field of its own name. */
export function collectionName(request: CommandRequest): string {
  const name = request.body[request.name];
  if (typeof name === 'string' && name !== '') return name;
  throw new StoreError('InvalidNamespace', `The ${request.name} command needs a collection name`);
}

/** A sub-document option; absent means empty. */
export function objectField(body: BsonObject, field: string): BsonObject {
  const value = body[field];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) {
    throw new StoreError('TypeMismatch', `BSON field '${field}' is the wrong type, expected type 'object'`);
  }
  return value;
}

/** A number option; absent means undefined. */
export function numberField(body: BsonObject, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  const number = numberOf(value);
  if (number === undefined) {
    throw new StoreError('TypeMismatch', `BSON field '${field}' is the wrong type, expected a number`);
  }
  return number;
}

/** A whole number that is not negative. */
export function countField(body: BsonObject, field: string): number | undefined {
  const number = numberField(body, field);
  if (number === undefined) return undefined;
  if (number < 0 || !Number.isFinite(number)) {
    throw new StoreError('BadValue', `The '${field}' value must not be negative`);
  }
  return Math.trunc(number);
}

/** Refuse a collation other than the simple one: comparing by bytes is all the indexes do. */
export function assertNoCollation(body: BsonObject): void {
  const { collation } = body;
  if (!isObject(collation) || collation.locale === 'simple' || Object.keys(collation).length === 0) return;
  throw new StoreError(
    'BadValue',
    'The embedded store has no collations; point MONGODB_URI at MongoDB to use them',
  );
}

/** Refuse `let` where the store does not carry variables through, rather than evaluate `$expr` without them. */
export function assertNoVariables(body: BsonObject): void {
  if (Object.keys(objectField(body, 'let')).length === 0) return;
  throw new StoreError('BadValue', "The embedded store supports 'let' in find and aggregate only");
}
