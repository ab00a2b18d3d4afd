/** The command was called in a way it does not know. Told with the help; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for cannot be done, in words for the person who asked. Told without a stack; exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** What an error says of itself, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
