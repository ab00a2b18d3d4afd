import { createHash } from 'node:crypto';
import { lstat, realpath, stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { StoreOpenError } from '../errors.js';

export interface DirectoryLock {
  release(): Promise<void>;
}

const SOCKET_NAME = 'lock.sock';
/** Socket addresses are short; longer paths are bound through a name of the kernel's instead. */
const MAX_SOCKET_PATH = 100;

/**
 * One process per data directory. The lock is a listening socket, which the system itself closes when its process dies, so a
 * kill -9 leaves nothing that could be mistaken for an owner and no process number has to be trusted. On Linux a socket
 * name outside the file system (derived from the directory's inode) decides between contenders without a race, and the
 * socket file covers processes in other network namespaces that share the directory. Refuses with `in-use`.
 */
export async function lockDirectory(dataDir: string): Promise<DirectoryLock> {
  const held: Server[] = [];
  try {
    const name = await exclusiveName(dataDir);
    if (name !== undefined) held.push(await listen(name, dataDir));
    const file = socketFile(dataDir);
    if (file !== undefined) held.push(await listenOnFile(file, dataDir));
  } catch (error) {
    await closeAll(held);
    throw error;
  }
  return { release: () => closeAll(held) };
}

async function exclusiveName(dataDir: string): Promise<string | undefined> {
  if (process.platform === 'darwin') return undefined;
  const { dev, ino } = await stat(dataDir, { bigint: true });
  if (process.platform === 'linux') return `\0embedded-mongo-${dev}-${ino}`;
  if (process.platform !== 'win32') return undefined;
  const hash = createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex');
  return `\\\\.\\pipe\\embedded-mongo-${hash}`;
}

function socketFile(dataDir: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const path = join(dataDir, SOCKET_NAME);
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH ? path : undefined;
}

async function listenOnFile(path: string, dataDir: string): Promise<Server> {
  const existing = await lstat(path).catch(() => undefined);
  if (existing) {
    const owner = await askOwner(path);
    if (owner !== undefined) throw inUse(dataDir, owner);
    // Nobody answers: its process is gone, and a new one may bind the name.
    await unlink(path).catch((error: unknown) => {
      throw new StoreOpenError('unusable', `Cannot remove the stale lock ${path}`, { cause: error });
    });
  }
  return listen(path, dataDir);
}

function listen(address: string, dataDir: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`${process.pid}\n`);
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') {
        reject(new StoreOpenError('unusable', `Cannot lock the data directory ${dataDir}`, { cause: error }));
        return;
      }
      askOwner(address).then((owner) => reject(inUse(dataDir, owner ?? 'unknown')), reject);
    });
    server.listen({ path: address }, () => {
      // Somebody asking in vain who the owner is changes nothing about the lock.
      server.on('error', () => {});
      resolve(server);
    });
  });
}

/** The process number of whoever listens; undefined when nobody does. */
function askOwner(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path: address });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(answer.trim() || 'unknown'));
  });
}

function inUse(dataDir: string, owner: string): StoreOpenError {
  return new StoreOpenError(
    'in-use',
    `The data directory ${dataDir} is in use by another process (pid ${owner})`,
  );
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
}
