/**
 * `node scripts/check/import-rules.mjs [root]`: checks who imports what. Prints `file:line  rule  message` for
 * every broken rule and exits 1 if there is one. The rules are data in imports/rules.mjs.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { judge } from './imports/judge.mjs';
import { packages } from './imports/rules.mjs';
import { listFiles } from './list-files.mjs';

const root = resolve(process.argv[2] ?? '.');
const paths = Object.values(packages).flatMap(({ source }) => listFiles(root, source, /(?<!\.d)\.tsx?$/));
const violations = judge(new Map(paths.map((path) => [path, readFileSync(resolve(root, path), 'utf8')])));

for (const { file, line, rule, message } of violations) console.log(`${file}:${line}  ${rule}  ${message}`);
console.log(`${paths.length} files, ${violations.length} broken import rules`);
process.exitCode = violations.length === 0 ? 0 : 1;
