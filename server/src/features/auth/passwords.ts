import { randomBytes } from 'node:crypto';
import { limits } from '@parley/shared';
import bcrypt from 'bcrypt';

export interface Passwords {
  hash(password: string): Promise<string>;
  /** `hash` null (nobody has that name) takes as long as a wrong password does, and is false. */
  matches(password: string, hash: string | null): Promise<boolean>;
}

/** bcrypt would read 72 bytes and ignore the rest: a longer one can never be right, since none was ever taken. */
const isTooLong = (password: string): boolean => Buffer.byteLength(password) > limits.passwordBytesMax.value;

/** One person types é as one character, another keyboard as two: the same password. */
export const normalizePassword = (password: string): string => password.normalize('NFC');

export const createPasswords = (cost: number): Passwords => {
  let nobody: Promise<string> | undefined;
  const hashOfNobody = (): Promise<string> => {
    nobody ??= bcrypt.hash(randomBytes(24).toString('base64'), cost);
    return nobody;
  };
  return {
    hash: async (password) => await bcrypt.hash(normalizePassword(password), cost),
    matches: async (password, hash) => {
      const normal = normalizePassword(password);
      const same = await bcrypt.compare(normal, hash ?? (await hashOfNobody()));
      return same && hash !== null && !isTooLong(normal);
    },
  };
};
