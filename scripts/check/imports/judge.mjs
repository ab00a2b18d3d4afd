/** Applies the import rules to a set of sources. Reads no files, so that a test can judge a made-up tree. */
import { findCycles } from './graph.mjs';
import { doorBetween, ownPackage, packageOf, resolveRelative, roomOf } from './places.mjs';
import { objectionToImport, unknownRoom } from './rooms.mjs';
import { environmentReaders, openFiles, packages } from './rules.mjs';
import { scan } from './scan.mjs';

/**
 * Every broken rule of a tree, in order of file and line: `{ file, line, rule, message }`.
 * `sources`: path relative to the repository → text; a path that belongs to no package is passed over.
 */
export const judge = (sources) => {
  const paths = new Set(sources.keys());
  const files = [...sources].flatMap(([path, text]) => readFile(path, text, paths) ?? []);
  const leaves = engineLeaves(files);
  const violations = [];
  for (const file of files) {
    const report = (line, { rule, message }) => violations.push({ file: file.path, line, rule, message });
    judgeFile(file, report);
    for (const item of file.imports) {
      const objections = [objectionToImport(file.path, item, leaves)];
      objections.push(item.target === null ? toPackage(file.home, item) : toFile(file, item, paths));
      for (const one of objections.filter((one) => one !== null)) report(item.line, one);
    }
  }
  violations.push(...cyclesOf(files));
  return unique(violations).sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
};

const readFile = (path, text, paths) => {
  const home = packageOf(path);
  if (home === null) return null;
  const { imports, ...rest } = scan(text);
  const target = ({ specifier }) =>
    specifier.startsWith('.') ? resolveRelative(path, specifier, paths) : null;
  return { path, home, ...rest, imports: imports.map((item) => ({ ...item, target: target(item) })) };
};

/** The engine's top-level files that use nothing of the engine at run time: its parts may lean on these. */
const engineLeaves = (files) => {
  const usesEngine = ({ target, typeOnly }) =>
    !typeOnly && target !== null && /^sync\b/.test(roomOf(target) ?? '');
  const top = files.filter(({ path }) => roomOf(path) === 'sync');
  return new Set(top.filter(({ imports }) => !imports.some(usesEngine)).map(({ path }) => path));
};

const judgeFile = (file, report) => {
  const room = unknownRoom(file.path);
  if (room !== null)
    report(1, { rule: 'unknown-room', message: `${room} has no row in scripts/check/imports/rules.mjs` });
  for (const line of file.starExports) {
    report(line, { rule: 'star-export', message: 'an export names what it exports, or says `export * as`' });
  }
  if (environmentReaders.some((prefix) => file.path.startsWith(prefix))) return;
  for (const line of file.environmentReads) {
    report(line, { rule: 'environment', message: 'the environment is read in server/src/config only' });
  }
};

const toFile = ({ path, home }, { specifier, target }, paths) => {
  if (packageOf(target)?.folder !== home.folder) {
    const inPackage = Object.keys(packages).some((folder) => target.startsWith(`${folder}/`));
    if (home.folder === 'tests' && !inPackage) return null;
    return {
      rule: 'deep-path',
      message: `${specifier} leaves ${home.source}; import another package by its name`,
    };
  }
  const door = doorBetween(path, target, paths);
  if (door === null || door === target || openFiles.includes(target)) return null;
  return { rule: 'past-index', message: `${target} is reached past ${door}` };
};

const toPackage = (home, item) => {
  const own = ownPackage(item.specifier);
  const allowed = own === null ? home.modules : home.parley;
  const name = own === null ? moduleName(item.specifier) : own.name;
  if (allowed === undefined || allowed.includes(name)) return null;
  const asType = allowed.includes(`${name}:type`);
  if (asType && item.typeOnly) return null;
  return {
    rule: 'package',
    message: `${home.name} imports ${name} ${asType ? 'by `import type` only' : 'never'}`,
  };
};

/** `@scope/name` or `name` of a specifier that may go deeper. */
const moduleName = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Cycles of files by what is left at run time; between rooms the tables of the rules allow none in the first place. */
const cyclesOf = (files) => {
  const edges = files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, typeOnly }) => target !== null && !typeOnly)
      .map(({ target, line }) => ({ from: path, to: target, line })),
  );
  return findCycles(edges).map((cycle) => ({
    file: cycle[0].from,
    line: cycle[0].line,
    rule: 'cycle',
    message: [...cycle.map(({ from }) => from), cycle[0].from].join(' -> '),
  }));
};

const unique = (violations) => {
  const seen = new Map(violations.map((one) => [`${one.file}:${one.line}:${one.rule}`, one]));
  return [...seen.values()];
};
