import { AppError } from '@parley/shared';

const PATIENCE_MS = 30_000;

/**
 * What a question to the store answers, or UNAVAILABLE when that takes too long: the driver waits for ever for a command that it
 * wrote to a socket as that was lost.
 */
export const inTime = async <T>(question: PromiseLike<T>, patienceMs = PATIENCE_MS): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const logMessage = `the store has not answered in ${patienceMs} ms`;
    timer = setTimeout(() => reject(new AppError('UNAVAILABLE', { logMessage })), patienceMs);
  });
  try {
    return await Promise.race([question, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
