#!/usr/bin/env node
import { version } from './platform/version.js';

const help = `Usage: parley <command>

  start       Start the server. Settings come from the environment; .env.example lists them.

  --help      Show this.
  --version   Show the version.
`;

const run = async (args: readonly string[]): Promise<void> => {
  const [command, ...rest] = args;
  if (command === '--version' || command === '-v') {
    process.stdout.write(`${version}\n`);
  } else if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
    process.stdout.write(help);
  } else if (command === 'start' && rest.length === 0) {
    await import('./main.js');
  } else {
    process.stderr.write(`Unknown: ${args.join(' ')}\n\n${help}`);
    process.exitCode = 2;
  }
};

await run(process.argv.slice(2));
