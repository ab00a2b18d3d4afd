/**
 * Finds what a source file reaches for: its imports, re-exports and reads of the process environment.
 * Works on tokens, because the compiler in use has no JavaScript interface to its syntax tree.
 */
import { tokenize } from './tokens.mjs';

const promiseMethods = new Set(['then', 'catch', 'finally']);

/**
 * `{ imports, starExports, environmentReads }` of a source text.
 * An import is `{ specifier, line, typeOnly, names }`; `typeOnly` means that nothing of it is left at run time, so
 * `import { type A }` is not (the compiler keeps the bare import). The other two are lists of line numbers.
 */
export const scan = (text) => {
  const tokens = tokenize(text);
  const found = { imports: [], starExports: [], environmentReads: [] };
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i].type !== 'word' || (i > 0 && isMark(tokens[i - 1], '.') && tokens[i].value !== 'process'))
      continue;
    if (tokens[i].value === 'import') readImport(tokens, i, found);
    else if (tokens[i].value === 'export') readExport(tokens, i, found);
    else if (tokens[i].value === 'require') readCall(tokens, i, found);
    else if (tokens[i].value === 'process' && readsEnvironment(tokens, i)) {
      found.environmentReads.push(tokens[i].line);
    }
  }
  return found;
};

const isMark = (token, value) => token?.type === 'mark' && token.value === value;
const isWord = (token, value) => token?.type === 'word' && token.value === value;

const add = (found, from, { line, typeOnly = false, names = [] }) => {
  found.imports.push({ specifier: from.value, line, typeOnly, names });
  if (/^(node:)?process$/.test(from.value) && names.includes('env')) found.environmentReads.push(line);
};

/** `import(...)` and `require(...)` with a literal argument. In a type, `import('x').Name` leaves nothing at run time. */
const readCall = (tokens, i, found) => {
  const from = tokens[i + 2];
  if (!isMark(tokens[i + 1], '(') || from === undefined) return;
  if (from.type !== 'string' && !(from.type === 'template' && from.value !== null)) return;
  const member = isMark(tokens[i + 4], '.') ? tokens[i + 5] : undefined;
  const inType =
    isWord(tokens[i - 1], 'typeof') || (member?.type === 'word' && !promiseMethods.has(member.value));
  add(found, from, { line: tokens[i].line, typeOnly: tokens[i].value === 'import' && inType });
};

const readImport = (tokens, i, found) => {
  const { line } = tokens[i];
  const next = tokens[i + 1];
  if (isMark(next, '(')) return readCall(tokens, i, found);
  if (next?.type === 'string') return add(found, next, { line });
  if (isMark(next, '.') || isMark(next, ':')) return;
  const typeOnly =
    isWord(next, 'type') &&
    !isMark(tokens[i + 2], ',') &&
    !(isWord(tokens[i + 2], 'from') && tokens[i + 3]?.type === 'string');
  const names = [];
  for (let at = i + 1; at < tokens.length && !isMark(tokens[at], ';'); at++) {
    if (isWord(tokens[at], 'from') && tokens[at + 1]?.type === 'string') {
      return add(found, tokens[at + 1], { line, typeOnly, names });
    }
    if (isMark(tokens[at], '=')) return; // `import x = require(...)`: the call is found by itself
    if (tokens[at].type === 'word') names.push(tokens[at].value);
  }
};

const readExport = (tokens, i, found) => {
  const { line } = tokens[i];
  let at = i + 1;
  const typeOnly = isWord(tokens[at], 'type') && (isMark(tokens[at + 1], '{') || isMark(tokens[at + 1], '*'));
  if (typeOnly) at++;
  if (isMark(tokens[at], '*')) {
    if (!isWord(tokens[at + 1], 'as')) found.starExports.push(line);
    at += isWord(tokens[at + 1], 'as') ? 3 : 1;
  } else if (isMark(tokens[at], '{')) {
    while (at < tokens.length && !isMark(tokens[at], '}')) at++;
    at++;
  } else return;
  if (isWord(tokens[at], 'from') && tokens[at + 1]?.type === 'string')
    add(found, tokens[at + 1], { line, typeOnly });
};

/** `process.env`, `process['env']` and `const { env } = process`. */
const readsEnvironment = (tokens, i) => {
  let at = i + 1;
  if (isMark(tokens[at], '?')) at++;
  if (isMark(tokens[at], '.')) at++;
  if (isWord(tokens[at], 'env') && at > i + 1) return true;
  if (isMark(tokens[at], '[') && tokens[at + 1]?.value === 'env') return true;
  if (at > i + 1 || !isMark(tokens[i - 1], '=') || !isMark(tokens[i - 2], '}')) return false;
  for (let back = i - 3; back >= 0 && !isMark(tokens[back], '{'); back--)
    if (isWord(tokens[back], 'env')) return true;
  return false;
};
