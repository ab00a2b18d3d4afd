import { type Connection, createConnection, MongooseError, mongo } from 'mongoose';

const DEFAULT_DATABASE = 'parley';
const SELECTION_TIMEOUT_MS = 5_000;
const PING_TIMEOUT_MS = 2_000;

/**
 * A connection of its own, never mongoose's global one: several servers may live in one process. What is answered as
 * written is on disk (majority, journal); commands of a lost connection fail instead of piling up in memory.
 * Rejects when no server answers within five seconds, or as long as the address says.
 */
export const connectMongo = async (uri: string): Promise<Connection> => {
  const connection = createConnection(uri, {
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    // An address may ask for other patience than ours.
    ...(/[?&]serverSelectionTimeoutMS=/i.test(uri) ? {} : { serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS }),
    writeConcern: { w: 'majority', journal: true },
    appName: 'parley',
    ...(namesDatabase(uri) ? {} : { dbName: DEFAULT_DATABASE }),
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close(true);
    throw error;
  }
};

const namesDatabase = (uri: string): boolean => /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(uri);

/**
 * Makes every index that the connection's models declare, of all collections at once: a start waits for it. Idempotent; rejects
 * when existing data breaks a unique key.
 */
export const ensureIndexes = async (connection: Connection): Promise<void> => {
  await Promise.all(Object.values(connection.models).map((model) => model.createIndexes()));
};

/**
 * Asks whether the store answers within two seconds. The driver alone would wait for as long as it takes a stalled line for a
 * working one (40 s), so time is kept here; and one question at a time is out, however often this is called meanwhile.
 */
export const createPing = (connection: Connection): (() => Promise<boolean>) => {
  let asked: Promise<boolean> | null = null;
  const ask = async (): Promise<boolean> => {
    try {
      await connection.db?.command({ ping: 1 });
      return true;
    } catch {
      return false; // Whatever the reason: readiness is a yes or a no, and the failing calls log why.
    } finally {
      asked = null;
    }
  };
  return async () => {
    asked ??= ask();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), PING_TIMEOUT_MS);
    });
    try {
      return await Promise.race([asked, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  };
};

/** Longer than a heartbeat may take by the driver's own measure (30 s to connect, 10 s between two). */
const HEARTBEAT_PATIENCE_MS = 60_000;

/** Where the driver tells of its heartbeats. */
export type Heartbeats = Pick<mongo.MongoClient, 'on'>;

/**
 * Settles when a heartbeat of the driver has not ended in time: the driver then takes the server for lost, whatever becomes of it,
 * and only a new start helps.
 */
export const heartbeatLost = (client: Heartbeats, patienceMs = HEARTBEAT_PATIENCE_MS): Promise<Error> =>
  new Promise((resolve) => {
    const timers = new Map<string, NodeJS.Timeout>();
    const ended = ({ connectionId }: { readonly connectionId: string }): void => {
      clearTimeout(timers.get(connectionId));
      timers.delete(connectionId);
    };
    client.on('serverHeartbeatStarted', (event) => {
      ended(event);
      const lost = (): void => resolve(new Error(`the driver heard nothing of ${event.connectionId}`));
      timers.set(event.connectionId, setTimeout(lost, patienceMs).unref());
    });
    client.on('serverHeartbeatSucceeded', ended);
    client.on('serverHeartbeatFailed', ended);
  });

/** Whether an error means that the store cannot be reached just now, rather than that the request was wrong. */
export const isStoreUnreachable = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError ||
  error instanceof mongo.MongoServerSelectionError ||
  error instanceof mongo.MongoNotConnectedError ||
  error instanceof mongo.MongoTopologyClosedError ||
  (error instanceof MongooseError && error.message.includes('bufferCommands = false'));
