import { CommandError } from '../problems.js';

/** What may be shown of a connection string, and what may not. */
export interface TargetAddress {
  /** The database in its path, which drivers use where none is named. */
  readonly database: string | undefined;
  /** The message, or a substitute where a secret of the address stands in it. */
  safe(message: string): string;
}

const SHAPE = /^[^:]+:\/\/(?:([^/?@]*)@)?[^/?@]+(?:\/([^?@]*))?(?:\?(.*))?$/;
const SECRET_OPTION = /password|token|authMechanismProperties/i;

/**
 * Takes a connection string apart. Refuses one whose password is not encoded, because its pieces would pass for hosts and
 * options and be repeated as such.
 */
export const readTargetAddress = (uri: string): TargetAddress => {
  const [, user, database = '', query = ''] = SHAPE.exec(uri) ?? [];
  if (!SHAPE.test(uri) || (user === undefined && query.includes('@'))) {
    throw new CommandError(
      'The address of --to cannot be read. Special characters of user and password are written as %40 and so on.',
    );
  }
  const password = user?.slice(user.indexOf(':') + 1) ?? '';
  const options = [...new URLSearchParams(query)].filter(([name]) => SECRET_OPTION.test(name));
  const secrets = [uri, password, decoded(password), ...options.map(([, value]) => value)].filter(Boolean);
  return {
    database: decoded(database) || undefined,
    safe: (message) =>
      secrets.some((secret) => message.includes(secret)) ? 'the reason repeats the password' : message,
  };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Not encoded, so this is how it would be repeated.
  }
};
