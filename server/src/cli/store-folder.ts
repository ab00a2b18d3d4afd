import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type EmbeddedMongo, StoreOpenError, startEmbeddedMongo } from '../embedded-mongo/index.js';
import { CommandError, messageOf } from './problems.js';

/** Under the data folder, where the server keeps its embedded store. */
const FOLDER = 'store';
const MARKER_FILE = 'store.json';
const DATA_FILE = 'data.mdb';

/** An embedded store that this process owns until it is closed. */
export interface OpenStore extends EmbeddedMongo {
  readonly folder: string;
}

/**
 * Opens the store of a data folder. Never makes one: a mistyped path must not look like an empty database. Everything that
 * stands against it becomes a `CommandError` of one line.
 */
export const openStore = async (
  dataDir: string,
  options: { readonly port?: number; readonly ttlSweepMs?: number },
): Promise<OpenStore> => {
  const folder = join(dataDir, FOLDER);
  if (!(await isThere(join(folder, MARKER_FILE))) && !(await isThere(join(folder, DATA_FILE)))) {
    throw new CommandError(
      `There is no embedded store in ${folder}. --data-dir takes the folder that Parley calls DATA_DIR.`,
    );
  }
  try {
    return { ...(await startEmbeddedMongo({ dataDir: folder, ...options })), folder };
  } catch (error) {
    throw new CommandError(error instanceof StoreOpenError ? explain(error) : messageOf(error));
  }
};

/** The identity of an open store, which its folder takes along wherever it is moved. */
export const storeIdOf = async (store: OpenStore): Promise<string> => {
  const text = await readFile(join(store.folder, MARKER_FILE), 'utf8');
  return z.object({ storeId: z.string() }).parse(JSON.parse(text)).storeId;
};

const isThere = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new CommandError(messageOf(error));
  }
};

const explain = ({ reason, message }: StoreOpenError): string => {
  switch (reason) {
    case 'in-use':
      return `${message}. Stop that Parley first: a store is open in one process at a time.`;
    case 'newer-format':
      return `${message}. Use the Parley that wrote it, or a newer one.`;
    case 'damaged':
      return `${message}. Nothing was changed; a backup of the whole folder can be put in its place.`;
    case 'unusable':
      return message.startsWith('Cannot listen')
        ? `${message}: something else listens there. Give another --port, or 0 for any free one.`
        : message;
  }
};
