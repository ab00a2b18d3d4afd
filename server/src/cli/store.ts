import { readStoreArguments } from './arguments.js';
import { tellProblems } from './problems-told.js';

/** Runs `parley store …` and answers with the exit code. */
export const runStore = (args: readonly string[], help: string): Promise<number> =>
  tellProblems(help, async () => {
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
  });
