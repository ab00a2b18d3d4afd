/** MongoDB's numbers and names for the refusals this store can give; drivers branch on both. */
export const MONGO_CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  ProtocolError: 17,
  AuthenticationFailed: 18,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  IndexAlreadyExists: 68,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  NoReplicationEnabled: 76,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  ShutdownInProgress: 91,
  OperationFailed: 96,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  ConversionFailure: 241,
  QueryPlanKilled: 175,
  InvalidIndexSpecificationOption: 197,
  AmbiguousIndexKeyPattern: 181,
  QueryFeatureNotAllowed: 224,
  CommandNotSupported: 115,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  IDLUnknownField: 40415,
} as const;

export type MongoCodeName = keyof typeof MONGO_CODES;

/**
 * A refusal with MongoDB's code, sent to the client as a command error or as one entry of `writeErrors`.
 * Nothing has been changed by the statement that threw it. `extra` becomes further fields of the reply
 * (for example `keyPattern` and `keyValue`).
 */
export class StoreError extends Error {
  readonly code: number;
  readonly codeName: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(codeName: MongoCodeName, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'StoreError';
    this.code = MONGO_CODES[codeName];
    this.codeName = codeName;
    this.extra = extra;
  }
}

/** The refusal of something MongoDB could do, with the code it has for servers that cannot. */
export function notSupported(what: string, codeName: MongoCodeName = 'CommandNotSupported'): StoreError {
  return new StoreError(
    codeName,
    `The embedded store does not support ${what}; point MONGODB_URI at MongoDB to use it`,
  );
}

/** Why a data directory could not be opened. The process should stop and show the message to its operator. */
export class StoreOpenError extends Error {
  readonly reason: 'in-use' | 'damaged' | 'newer-format' | 'unusable';

  constructor(reason: StoreOpenError['reason'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StoreOpenError';
    this.reason = reason;
  }
}

/** A numbered MongoDB assertion ("Location12345"), for the refusals that have no code name of their own. */
export class LocationError extends StoreError {
  override readonly code: number;
  override readonly codeName: string;

  constructor(location: number, message: string) {
    super('OperationFailed', message);
    this.code = location;
    this.codeName = `Location${location}`;
  }
}
