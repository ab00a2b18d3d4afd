import { z } from 'zod';
import { randomBytes } from './runtime.js';
import { oneLine } from './text.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/**
 * A 26-character id that sorts by its time of making: 48 bits of milliseconds, then 80 random bits,
 * in Crockford's base 32 (the ULID layout, https://github.com/ulid/spec). Case matters: upper only.
 */
export const newId = (nowMs: number = Date.now()): string => {
  let time = '';
  let rest = Math.floor(nowMs);
  for (let index = 0; index < TIME_CHARACTERS; index += 1) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let tail = '';
  for (const byte of randomBytes(RANDOM_CHARACTERS)) tail += ALPHABET.charAt(byte & 31);
  return time + tail;
};

/** The form of a message id, which clients make; `newId` makes one. */
export const messageIdSchema = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be 26 characters of the ULID alphabet');

/** An id given out by the server: opaque to clients, bounded here. */
export const opaqueIdSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(...oneLine);
