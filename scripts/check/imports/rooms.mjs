/** The rules between the rooms of the server: which room may use which, and which modules a room may name. */
import { posix } from 'node:path';
import { placeInStore, roomOf } from './places.mjs';
import {
  featureLevels,
  openFiles,
  packages,
  roomModules,
  serverRooms,
  storeParts,
  syncParts,
} from './rules.mjs';

/** A room that the rules do not know, or null. */
export const unknownRoom = (file) => {
  const room = roomOf(file);
  if (room === null) return null;
  const [top, part] = room.split('/');
  if (top === 'features') return part !== undefined && levelOf(room) !== -1 ? null : room;
  if (part !== undefined) return part in syncParts ? null : room;
  return top in serverRooms ? null : room;
};

/**
 * What is wrong with one import of a server file, `{ rule, message }`, or null. Files outside the server have no rooms.
 * `item.target` is the file a relative import means. `leaves`: the engine's top-level files that use nothing of the engine.
 */
export const objectionToImport = (file, item, leaves) => {
  const from = roomOf(file);
  if (from === null) return null;
  if (item.target === null) return toModule(from, item);
  const to = roomOf(item.target);
  if (to === 'embedded-mongo' && to === from)
    return insideStore(placeInStore(file), placeInStore(item.target));
  if (to === null || to === from) return null;
  if (within('features', from, to)) return betweenFeatures(from, to, item);
  if (within('sync', from, to)) return insideEngine({ from, to, item, leaves });
  return betweenRooms(from, to, item, leaves);
};

const topOf = (room) => room.split('/')[0];
const within = (top, ...rooms) => rooms.every((room) => topOf(room) === top);
const levelOf = (feature) => featureLevels.findIndex((names) => names.includes(feature.split('/')[1]));
const objection = (message) => ({ rule: 'room', message });

const toModule = (from, { specifier, typeOnly }) => {
  const rule = roomModules[from];
  const names = (list) => list.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (rule?.never !== undefined && names(rule.never)) return objection(`${from} never imports ${specifier}`);
  if (rule?.only === undefined || typeOnly || names(rule.only)) return null;
  return objection(`${from} imports no module but ${rule.only.join(', ')}`);
};

const betweenRooms = (from, to, { target, typeOnly }, leaves) => {
  const allowed = serverRooms[topOf(from)] ?? [];
  if (allowed.includes(topOf(to))) return within('features', to) ? throughIndex(to, target) : null;
  if (!allowed.includes(`${topOf(to)}:type`)) return objection(`${from} imports ${to} never`);
  if (typeOnly || (openFiles.includes(target) && leaves.has(target))) return null;
  const open = openFiles.map((path) => posix.basename(path)).join(', ');
  return objection(`${from} imports ${to} by \`import type\` only, or its ${open}`);
};

const betweenFeatures = (from, to, { target }) => {
  if (levelOf(to) >= levelOf(from)) {
    return { rule: 'feature-order', message: `${from} imports ${to}, which is not below it` };
  }
  return throughIndex(to, target);
};

const throughIndex = (feature, target) =>
  target === `${packages.server.source}/${feature}/index.ts`
    ? null
    : { rule: 'past-index', message: `${feature} is reached through its index.ts only` };

const insideEngine = ({ from, to, item, leaves }) => {
  if (from === 'sync') return null;
  if (to === 'sync') {
    if (item.target === `${packages.server.source}/sync/index.ts`)
      return objection(`${from} imports sync/index.ts never`);
    if (item.typeOnly || leaves.has(item.target)) return null;
    return objection(`${item.target} uses the engine itself: ${from} imports it by \`import type\` only`);
  }
  const [, part] = from.split('/');
  const allowed = (syncParts[part] ?? []).map((name) => `sync/${name}`);
  return allowed.includes(to) ? null : objection(`${from} imports ${to} never`);
};

/** Top-level files have no row: they may use all, and no part may use them. */
const insideStore = (from, to) => {
  const allowed = storeParts[from];
  if (allowed === undefined || to === from || to === 'errors' || allowed.includes(to)) return null;
  return objection(`embedded-mongo/${from} imports embedded-mongo/${to} never`);
};
