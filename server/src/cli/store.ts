import { ConfigError } from '../config/index.js';
import { readStoreArguments } from './arguments.js';
import { CommandError, UsageError } from './problems.js';

/** Runs `parley store …` and answers with the exit code: 0 done, 1 not done and said why, 2 called wrongly. */
export const runStore = async (args: readonly string[], help: string): Promise<number> => {
  try {
    const command = readStoreArguments(args);
    if (command.name === 'serve') {
      const { serveStore } = await import('./store-serve.js');
      return await serveStore(command);
    }
    if (command.name === 'copy') {
      const { copyStore } = await import('./store-copy/copy-store.js');
      return await copyStore(command);
    }
    process.stdout.write(help);
    return 0;
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
