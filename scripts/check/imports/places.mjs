/** Where a file stands: its package, and in the server its room; and what file a specifier means. */
import { posix } from 'node:path';
import { packages } from './rules.mjs';

const partsOf = (path) => path.split('/');
const bare = (name) => name.replace(/\.tsx?$/, '');

/** `{ folder, ...row of packages }` of a path relative to the repository, or null outside the packages. */
export const packageOf = (path) => {
  for (const [folder, row] of Object.entries(packages)) {
    if (path.startsWith(`${row.source}/`)) return { folder, ...row };
  }
  return null;
};

/** The row of the package that a bare specifier names, or null for a package that is not ours. */
export const ownPackage = (specifier) =>
  Object.values(packages).find(({ name }) => specifier === name || specifier.startsWith(`${name}/`)) ?? null;

/**
 * The room of a server file: `main`, `platform`, `features/tasks`, `sync/guard`, or `sync` for a top-level file of the
 * engine; null outside the server. A file directly under `features` is in the room `features`, which has no row.
 */
export const roomOf = (path) => {
  const { source } = packages.server;
  if (!path.startsWith(`${source}/`)) return null;
  const parts = partsOf(path.slice(source.length + 1));
  const top = bare(parts[0]);
  return (top === 'features' || top === 'sync') && parts.length > 2 ? `${top}/${parts[1]}` : top;
};

/** Where a file of the embedded store stands in it: a part such as `wire`, or the bare name of a top-level file. */
export const placeInStore = (path) =>
  bare(partsOf(path.slice(`${packages.server.source}/embedded-mongo/`.length))[0]);

/** The file of `paths` that a relative specifier means; where none is there, the source file it would have been. */
export const resolveRelative = (from, specifier, paths) => {
  const target = posix.normalize(posix.join(posix.dirname(from), specifier));
  const source = target.replace(/\.js(x?)$/, '.ts$1');
  return [target, source, `${source}x`, `${target}/index.ts`].find((path) => paths.has(path)) ?? source;
};

/** The `index.ts` that stands between a file and one it imports: the outermost, or null when none does. */
export const doorBetween = (from, target, paths) => {
  const folders = partsOf(posix.dirname(target));
  for (let depth = 1; depth <= folders.length; depth++) {
    const folder = folders.slice(0, depth).join('/');
    const door = `${folder}/index.ts`;
    if (!from.startsWith(`${folder}/`) && paths.has(door)) return door;
  }
  return null;
};
