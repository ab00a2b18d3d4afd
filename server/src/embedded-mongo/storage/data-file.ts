import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeTyped, encodeDocument } from '../bson/raw.js';
import { numberOf } from '../bson/values.js';
import { StoreError, StoreOpenError } from '../errors.js';
import { Engine } from './engine.js';
import { findDamage } from './file-check.js';
import { FORMAT_VERSION, META_KEY } from './layout.js';

const DATA_FILE = 'data.mdb';
const MARKER_FILE = 'store.json';

interface Marker {
  format: number;
  storeId: string;
}

/**
 * Open the data file of a directory, making it when the directory is new. A marker file beside it says that data must be
 * there, so a lost, truncated or foreign file is an error and never an empty database.
 */
export async function openDataFile(dataDir: string): Promise<Engine> {
  const file = join(dataDir, DATA_FILE);
  const marker = await readMarker(dataDir);
  const bytes = await fileSize(file);
  if (marker && bytes === undefined) throw damaged(dataDir, `${DATA_FILE} is missing`);
  if (bytes !== undefined && bytes > 0) await assertWholeFile(dataDir, file, bytes);
  if (marker && bytes === 0) throw damaged(dataDir, `${DATA_FILE} is empty`);
  const engine = openEngine(dataDir, file);
  try {
    await checkIdentity(engine, dataDir, marker);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

/** Create the directory; refuse a path that cannot be one. */
export async function ensureDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StoreOpenError('unusable', `Cannot use ${dataDir} as a data directory`, { cause });
  }
}

async function readMarker(dataDir: string): Promise<Marker | undefined> {
  const text = await unlessMissing(readFile(join(dataDir, MARKER_FILE), 'utf8'));
  if (text === undefined) return undefined;
  const marker = parseMarker(text);
  if (!marker) throw damaged(dataDir, `${MARKER_FILE} cannot be read`);
  assertFormat(dataDir, marker.format);
  return marker;
}

function parseMarker(text: string): Marker | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('format' in value) || !('storeId' in value))
      return undefined;
    const { format, storeId } = value;
    return typeof format === 'number' && typeof storeId === 'string' ? { format, storeId } : undefined;
  } catch {
    return undefined;
  }
}

function assertFormat(dataDir: string, format: number): void {
  if (format <= FORMAT_VERSION) return;
  throw new StoreOpenError(
    'newer-format',
    `The data directory ${dataDir} was written by a newer version (format ${format}, this program knows ${FORMAT_VERSION})`,
  );
}

async function fileSize(file: string): Promise<number | undefined> {
  return (await unlessMissing(stat(file)))?.size;
}

/** Undefined for a file that is not there; one that is there but cannot be read must not pass for that. */
async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StoreOpenError('unusable', `The data directory cannot be read: ${message}`, { cause });
  }
}

async function assertWholeFile(dataDir: string, file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const damage = await findDamage(handle, bytes);
    if (damage) throw damaged(dataDir, `${DATA_FILE}: ${damage}`);
  } finally {
    await handle.close();
  }
}

function openEngine(dataDir: string, file: string): Engine {
  try {
    return new Engine(file);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StoreOpenError('damaged', `The data directory ${dataDir} cannot be opened: ${message}`, {
      cause,
    });
  }
}

async function checkIdentity(engine: Engine, dataDir: string, marker: Marker | undefined): Promise<void> {
  const stored = readIdentity(engine, dataDir);
  if (marker) {
    if (!stored) throw damaged(dataDir, `${DATA_FILE} is not the file that was there before`);
    if (stored.storeId !== marker.storeId)
      throw damaged(dataDir, `${DATA_FILE} belongs to another directory`);
    return;
  }
  const identity = stored ?? { format: FORMAT_VERSION, storeId: randomUUID() };
  if (!stored) {
    await engine.write((transaction) => transaction.put(META_KEY, encodeDocument({ ...identity })));
  }
  await writeMarker(dataDir, identity);
}

function readIdentity(engine: Engine, dataDir: string): Marker | undefined {
  const bytes = engine.get(META_KEY);
  if (!bytes) {
    const [any] = engine.range({ start: Buffer.of(1), end: Buffer.of(0xff), limit: 1 });
    if (any) throw damaged(dataDir, `${DATA_FILE} has lost its head`);
    return undefined;
  }
  try {
    const record = decodeTyped(bytes);
    const format = numberOf(record.format) ?? 0;
    assertFormat(dataDir, format);
    return { format, storeId: String(record.storeId) };
  } catch (cause) {
    if (cause instanceof StoreError) throw damaged(dataDir, `${DATA_FILE} has an unreadable head`);
    throw cause;
  }
}

/** Written whole and flushed before it gets its name, then the directory itself is flushed. */
async function writeMarker(dataDir: string, marker: Marker): Promise<void> {
  const path = join(dataDir, MARKER_FILE);
  const handle = await open(`${path}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(marker)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
  if (process.platform === 'win32') return;
  const directory = await open(dataDir, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function damaged(dataDir: string, what: string): StoreOpenError {
  return new StoreOpenError('damaged', `The data directory ${dataDir} is damaged: ${what}`);
}
