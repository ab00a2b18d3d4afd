import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/index.js';
import { UsageError } from './problems.js';

/** `store serve`, read. */
export interface ServeCommand {
  readonly name: 'serve';
  readonly dataDir: string;
  /** 0 stands for a free one. */
  readonly port: number;
}

/** `store copy`, read. `to` may hold a password and is never printed. */
export interface CopyCommand {
  readonly name: 'copy';
  readonly dataDir: string;
  readonly to: string;
  /** Empty: all. */
  readonly databases: readonly string[];
}

/** The port that MongoDB's tools try first. */
const DEFAULT_PORT = 27_017;

const serveOptions = {
  port: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const copyOptions = {
  to: { type: 'string' },
  'data-dir': { type: 'string' },
  database: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What follows `parley store`. Throws `UsageError`, and `ConfigError` when the folder is left to a bad environment. */
export const readStoreArguments = (
  args: readonly string[],
): ServeCommand | CopyCommand | { readonly name: 'help' } => {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h') return { name: 'help' };
  if (name === 'serve') {
    const values = parsed(() => parseArgs({ args: rest, options: serveOptions }).values);
    if (values.help) return { name: 'help' };
    return { name, port: readPort(values.port), dataDir: readDataDir(values['data-dir']) };
  }
  if (name === 'copy') {
    const values = parsed(() => parseArgs({ args: rest, options: copyOptions }).values);
    if (values.help) return { name: 'help' };
    const to = readAddress(values.to);
    const databases = readDatabases(values.database ?? []);
    return { name, to, databases, dataDir: readDataDir(values['data-dir']) };
  }
  throw new UsageError('store is followed by serve or copy.');
};

/** Node's message, except where it would repeat an argument, which may be an address with a password. */
const parsed = <T>(parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      throw new UsageError('Every argument needs its option before it; an address needs --to.');
    }
    throw new UsageError(error.message.replace(/mongodb(\+srv)?:.*/gs, '…'));
  }
};

const readPort = (text = `${DEFAULT_PORT}`): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError('--port takes a number from 0 to 65535.');
};

const readDataDir = (text: string | undefined): string => {
  if (text === undefined) return loadConfig().dataDir;
  if (text === '') throw new UsageError('--data-dir takes a folder.');
  return resolve(text);
};

const readAddress = (text: string | undefined): string => {
  if (text === undefined) throw new UsageError('store copy needs --to and the address of a MongoDB.');
  if (/^mongodb(\+srv)?:\/\/\S+$/.test(text)) return text;
  throw new UsageError('--to takes an address that starts with mongodb:// or mongodb+srv://.');
};

/** A server keeps things of its own in these, which a copy must not touch. */
export const SERVER_DATABASES: ReadonlySet<string> = new Set(['admin', 'config', 'local']);

const readDatabases = (names: readonly string[]): readonly string[] => {
  const reserved = names.find((name) => SERVER_DATABASES.has(name));
  if (reserved !== undefined)
    throw new UsageError(`The database ${reserved} belongs to the server and is not copied.`);
  return [...new Set(names)];
};
