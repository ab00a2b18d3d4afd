/**
 * `node scripts/check/generate-docs.mjs [--check]`: writes docs/errors.md and docs/limits.md from what `@parley/shared`
 * exports, and docs/metrics.md from the server's catalogue, so that none can say what the code does not. With `--check` it writes nothing and exits 1 when a file differs.
 * Needs a build.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorsPage, limitsPage, metricsPage } from './doc-pages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { errorCatalogue, limits } = await import(`${root}shared/dist/index.js`);
const { metricCatalogue } = await import(`${root}server/dist/metrics/catalogue.js`);
const pages = {
  'docs/errors.md': errorsPage(errorCatalogue),
  'docs/limits.md': limitsPage(limits, errorCatalogue),
  'docs/metrics.md': metricsPage(metricCatalogue),
};

const read = (path) => {
  try {
    return readFileSync(`${root}${path}`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
};

const stale = Object.entries(pages).filter(([path, text]) => read(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.log(`${path} is not what the code says: run \`npm run docs\``);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  mkdirSync(`${root}docs`, { recursive: true });
  for (const [path, text] of stale) {
    writeFileSync(`${root}${path}`, text);
    console.log(`wrote ${path}`);
  }
}
