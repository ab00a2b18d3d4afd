#!/usr/bin/env node
import { version } from './platform/version.js';

const help = `Usage: parley <command>

  start         Start the server. Settings come from the environment; .env.example lists them.

  store serve   Open the embedded store by itself and print its connection string, for mongosh, Compass or a script.
    --port <number>       Where to listen on 127.0.0.1; 27017 unless given, 0 for any free port.
    --data-dir <folder>   Parley's data folder; DATA_DIR unless given.

  store copy    Copy the embedded store to a MongoDB and verify it. Started again after a stop, it goes on.
    --to <address>        mongodb://… or mongodb+srv://…
    --data-dir <folder>   Parley's data folder; DATA_DIR unless given.
    --database <name>     Only this database; may be given more than once.

  admin grant <user>      Make somebody an admin, by username or e-mail address, in the store that the environment names. The
                          embedded store is open in one process at a time: stop the server first.

  --help        Show this.
  --version     Show the version.
`;

const run = async (args: readonly string[]): Promise<void> => {
  const [command, ...rest] = args;
  if (command === '--version' || command === '-v') {
    process.stdout.write(`${version}\n`);
  } else if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
    process.stdout.write(help);
  } else if (command === 'start' && rest.length === 0) {
    await import('./main.js');
  } else if (command === 'admin') {
    const { runAdmin } = await import('./cli/admin.js');
    process.exitCode = await runAdmin(rest, help);
  } else if (command === 'store') {
    const { runStore } = await import('./cli/store.js');
    process.exitCode = await runStore(rest, help);
  } else {
    // Arguments are not repeated: one of them may be an address with a password.
    const what = command === 'start' ? 'start takes no arguments' : `Unknown command: ${command}`;
    process.stderr.write(`${what}\n\n${help}`);
    process.exitCode = 2;
  }
};

await run(process.argv.slice(2));
