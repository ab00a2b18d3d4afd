/** `npm start`: builds the server and the SDK where the compiler is installed, then runs the server in this process. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const compiler = new URL('../../node_modules/typescript/bin/tsc', import.meta.url);
const built = new URL('../../server/dist/main.js', import.meta.url);

if (existsSync(compiler)) {
  const build = spawnSync(process.execPath, [fileURLToPath(compiler), '-b', 'server', 'client-sdk'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
} else if (!existsSync(built)) {
  process.stderr.write('There is no build here and no compiler to make one: run `npm install` first.\n');
  process.exit(1);
}

await import(built.href);
