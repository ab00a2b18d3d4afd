import { mongo } from 'mongoose';
import { z } from 'zod';
import { CommandError, messageOf } from '../problems.js';
import { readTargetAddress, type TargetAddress } from './target-address.js';

/** A refused statement of a write, as servers describe it. */
const writeErrorSchema = z.object({
  index: z.number(),
  code: z.number(),
  errmsg: z.string().default(''),
  keyPattern: z.record(z.string(), z.unknown()).optional(),
});
const writeReplySchema = z.object({ writeErrors: z.array(writeErrorSchema).default([]) });

/** One refused statement; `index` is its place in the command. */
export type WriteError = z.output<typeof writeErrorSchema>;

const SELECTION_TIMEOUT_MS = 10_000;
/** A replica set that cannot bring a batch to its majority in this time will not get better by waiting. */
const MAJORITY_TIMEOUT_MS = 60_000;
const ON_DISK_EVERYWHERE = { w: 'majority', j: true, wtimeout: MAJORITY_TIMEOUT_MS };
const BY_ONE_SERVER = { w: 1 };

const CODE = { unauthorized: 13, authenticationFailed: 18, atlasError: 8000 } as const;
/** BadValue, FailedToParse, InvalidOptions, UnknownReplWriteConcern, UnsatisfiableWriteConcern, NotImplemented. */
const REFUSES_WRITE_CONCERN: ReadonlySet<unknown> = new Set([2, 9, 72, 79, 100, 238]);

/** The MongoDB that is copied to. Errors it gives are told with `explain`, which never repeats the password. */
export class Target {
  readonly #client: mongo.MongoClient;
  readonly #address: TargetAddress;
  #standsAlone = false;
  #writeConcern: typeof ON_DISK_EVERYWHERE | typeof BY_ONE_SERVER = ON_DISK_EVERYWHERE;

  private constructor(client: mongo.MongoClient, address: TargetAddress) {
    this.#client = client;
    this.#address = address;
    client.on('serverDescriptionChanged', ({ newDescription }) => {
      this.#standsAlone = newDescription.type === 'Standalone';
    });
  }

  /** Rejects with `CommandError` when nobody answers or the address is none. */
  static async connect(uri: string): Promise<Target> {
    const address = readTargetAddress(uri);
    const client = newClient(uri, address);
    const target = new Target(client, address);
    try {
      await client.connect();
      return target;
    } catch (error) {
      await client.close();
      throw new CommandError(address.safe(explain(error)));
    }
  }

  /** The database in the path of the address. */
  get namedDatabase(): string | undefined {
    return this.#address.database;
  }

  db(name: string): mongo.Db {
    return this.#client.db(name, { readPreference: 'primary' });
  }

  /**
   * Runs a command that writes, and returns the refusals of single statements. The rest is on the disks of a majority; a
   * server that stands alone and knows no such promise is asked for its own.
   */
  async write(database: string, command: mongo.Document): Promise<readonly WriteError[]> {
    try {
      return await this.#send(database, command);
    } catch (error) {
      if (!this.#standsAlone || this.#writeConcern === BY_ONE_SERVER) throw error;
      if (!(error instanceof mongo.MongoServerError) || !REFUSES_WRITE_CONCERN.has(error.code)) throw error;
      this.#writeConcern = BY_ONE_SERVER;
      return await this.#send(database, command);
    }
  }

  async #send(database: string, command: mongo.Document): Promise<readonly WriteError[]> {
    const writeConcern = this.#writeConcern;
    const reply: unknown = await this.db(database).command({ ...command, writeConcern });
    return writeReplySchema.parse(reply).writeErrors;
  }

  /** What went wrong, and what to do about it where that is known. */
  explain(error: unknown): string {
    return this.#address.safe(explain(error));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

const newClient = (uri: string, address: TargetAddress): mongo.MongoClient => {
  try {
    return new mongo.MongoClient(uri, {
      appName: 'parley store copy',
      // An address may ask for other patience than ours.
      ...(/[?&]serverSelectionTimeoutMS=/i.test(uri)
        ? {}
        : { serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS }),
    });
  } catch (error) {
    throw new CommandError(`The address of --to cannot be used: ${address.safe(messageOf(error))}.`);
  }
};

const explain = (error: unknown): string => {
  const message = messageOf(error);
  if (error instanceof mongo.MongoServerSelectionError) {
    return `No MongoDB that could be used answers: ${message}`;
  }
  if (error instanceof mongo.MongoNetworkError) {
    return `The connection to the target was lost: ${message}. The same command goes on where it stopped.`;
  }
  if (error instanceof mongo.MongoWriteConcernError) {
    return `The target did not store this safely: ${message}. The same command goes on where it stopped.`;
  }
  if (!(error instanceof mongo.MongoServerError)) return message;
  if (error.code === CODE.authenticationFailed || error.code === CODE.atlasError) {
    return `The target refused the user or the password: ${message}`;
  }
  if (error.code === CODE.unauthorized) {
    return `The target does not permit this: ${message}. The user needs the role readWrite on each database.`;
  }
  return `The target refused: ${message}`;
};
