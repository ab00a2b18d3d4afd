// Owns reading a body as text: JSON is UTF-8, whatever its sender calls it (RFC 8259, 8.1 and 11).
import { AppError } from '@parley/shared';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Without a byte order mark. INVALID_INPUT where it is no UTF-8: it would be stored with other characters than were meant. */
export const readText = (body: Uint8Array): string => {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', { cause, details: { fields: { body: ['is not UTF-8'] } } });
  }
};
