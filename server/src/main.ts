// The process: reads the environment, starts one server, stops it in order. Importing it starts; it knows nothing of what
// the server does.
import { createParley, type Parley } from './app/index.js';
import { type Config, ConfigError, loadConfig } from './config/index.js';
import { version } from './platform/version.js';
import { keepMemoryLow } from './quiet-memory.js';

/** How long stopping may take before the process ends anyway. */
const STOP_TIMEOUT_MS = 15_000;

/** Resolves once the server listens. A failure to start is told in words and sets the exit code. */
const run = async (): Promise<void> => {
  const config = readConfig();
  if (config === null) return;
  const forPeople = process.stdout.isTTY || !config.production;
  const server = await start(config, forPeople);
  if (server === null) return;
  stopOnSignals(server);
  keepMemoryLow();
  const { url } = server;
  if (forPeople && url !== null) process.stdout.write(greeting(config, url));
  // A parent that started this as its child waits for the address.
  process.send?.({ type: 'listening', url });
};

const readConfig = (): Config | null => {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return null;
  }
};

const start = async (config: Config, forPeople: boolean): Promise<Parley | null> => {
  let server: Parley | null = null;
  try {
    server = await createParley({
      ...config,
      logLevel: config.logLevel ?? (forPeople ? 'warn' : 'info'),
      logTo: forPeople ? 'stderr' : 'stdout',
    });
    await server.listen();
    return server;
  } catch (error) {
    await server?.close();
    process.stderr.write(`Parley could not start: ${explain(error, config)}\n`);
    process.exitCode = 1;
    return null;
  }
};

/** What went wrong, with the variable that can mend it where that is known. */
const explain = (error: unknown, config: Config): string => {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return `port ${config.port} is taken on ${config.host}; set PORT to another one`;
  if (code === 'EACCES' || code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'EROFS') {
    return `${message}; set DATA_DIR to a folder that can be written`;
  }
  if (error instanceof Error && error.name === 'MongooseServerSelectionError') {
    return `no MongoDB answers at MONGODB_URI: ${message}`;
  }
  return message;
};

const stopOnSignals = (server: Parley): void => {
  let stopping = false;
  const stop = (exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    void server.close().finally(() => process.exit(exitCode));
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  // A parent that is gone leaves nobody to stop this.
  if (process.send !== undefined) process.on('disconnect', () => stop(0));
  const fail = (error: unknown): void => {
    process.stderr.write(
      `Unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    stop(1);
  };
  void server.failed.then(fail);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
};

const greeting = (config: Config, url: string): string => {
  const data =
    config.mongodbUri === undefined ? `embedded store in ${config.dataDir}` : 'the MongoDB of MONGODB_URI';
  return [
    `Parley ${version} listens on ${url}`,
    `  data  ${data}`,
    `  try   curl -s ${url}/trpc/auth.register -H 'content-type: application/json' -d '{"json":{"username":"grace","password":"a good long one"}}'`,
    '',
  ].join('\n');
};

await run();
