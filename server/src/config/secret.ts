import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

const SECRET_BYTES = 48;
const SHORTEST_SECRET = 32;

/**
 * The secret that signs tokens where none was given: made once, kept in the data folder for its owner's eyes only.
 * It appears whole or not at all, and two processes that start together end up with the same one: the file is written
 * under a name of its own and then linked, which fails where a secret stands already.
 */
export const keepSecret = async (dataDir: string): Promise<string> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'secret');
  const kept = await readSecret(path);
  if (kept !== null) return kept;
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    await writeDurably(draft, randomBytes(SECRET_BYTES).toString('base64url'));
    await link(draft, path).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const secret = await readSecret(path);
  if (secret === null) throw new Error(`The secret at ${path} vanished while it was being made.`);
  return secret;
};

const readSecret = async (path: string): Promise<string | null> => {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret.length >= SHORTEST_SECRET) return secret;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  throw new Error(
    `The secret at ${path} is damaged: it is too short. Remove the file to sign everybody out and make a new one.`,
  );
};

const writeDurably = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
