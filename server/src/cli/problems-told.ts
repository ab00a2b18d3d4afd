import { ConfigError } from '../config/index.js';
import { CommandError, UsageError } from './problems.js';

/** Runs a command and answers with the exit code: 0 done, 1 not done and said why, 2 called wrongly, told with the help. */
export const tellProblems = async (help: string, command: () => Promise<number>): Promise<number> => {
  try {
    return await command();
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${help}`);
      return 2;
    }
    if (!(error instanceof CommandError || error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
};
