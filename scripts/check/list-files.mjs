import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const skipped = new Set(['node_modules', 'dist']);

/**
 * Paths of all files below `folder` whose path fits `pattern`, relative to `root`, with forward slashes, sorted.
 * A folder that is not there holds none. Build output and installed packages are passed over.
 */
export const listFiles = (root, folder, pattern) => {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listFiles(root, path, pattern);
      return pattern.test(path) ? [path] : [];
    })
    .sort();
};
