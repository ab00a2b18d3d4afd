/** What a run of the tests covers: the layers found under tests/, narrowed by the arguments. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from './list-files.mjs';

const testFile = /\.test\.tsx?$/;

/** Names of the folders of `testsFolder` that hold a test file at any depth, sorted. */
export const findLayers = (testsFolder) => {
  if (!existsSync(testsFolder)) return [];
  return readdirSync(testsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist'].includes(entry.name))
    .map((entry) => entry.name)
    .filter((name) => listFiles(testsFolder, name, testFile).length > 0)
    .sort();
};

/**
 * `{ runs: [{ layer, files }], mochaArgs, unknown }`, a run for each layer, or for each part of a large one. Words before the first option choose layers, folders or files
 * (`sync`, `sync/guard`, `tests/sync/relay.test.ts`); none means everything. What follows goes to mocha as it stands.
 */
export const planRuns = (testsFolder, args) => {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstOption === -1 ? args : args.slice(0, firstOption);
  const mochaArgs = firstOption === -1 ? [] : args.slice(firstOption);
  const layers = findLayers(testsFolder);
  const runs = new Map();
  const unknown = [];
  for (const word of words.length === 0 ? layers : words) {
    const path = word.replace(/^(\.\/)?(tests\/)?/, '').replace(/\/$/, '');
    const layer = path.split('/')[0];
    const files = layers.includes(layer) ? filesAt(testsFolder, path) : [];
    if (files.length === 0) unknown.push(word);
    else runs.set(layer, [...new Set([...(runs.get(layer) ?? []), ...files])]);
  }
  return { runs: [...runs].flatMap(([layer, files]) => inParts(layer, files)), mochaArgs, unknown };
};

/** A layer of so many files is run in parts, side by side. */
const MAX_FILES = 20;

const inParts = (layer, files) => {
  const count = Math.ceil(files.length / MAX_FILES);
  if (count === 1) return [{ layer, files }];
  // In turn: neighbours by name are alike, also in how long they take.
  return Array.from({ length: count }, (_, part) => ({
    layer: `${layer} ${part + 1}/${count}`,
    files: files.filter((_file, index) => index % count === part),
  }));
};

const filesAt = (testsFolder, path) => {
  const full = join(testsFolder, path);
  if (!existsSync(full)) return [];
  return statSync(full).isDirectory() ? listFiles(testsFolder, path, testFile) : [path];
};
