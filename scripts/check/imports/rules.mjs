/**
 * Who may import what, as data. `judge.mjs` applies it; a new room or feature needs a row here before it can be used.
 * A name with `:type` at its end may be reached by `import type` only.
 */

/** Folder → package name, and which modules its sources may name. `modules` closes the list; `parley` limits our own packages. */
export const packages = {
  shared: {
    name: '@parley/shared',
    source: 'shared/src',
    parley: [],
    modules: ['zod', 'yjs:type', 'lib0:type'],
  },
  server: { name: '@parley/server', source: 'server/src', parley: ['@parley/shared'] },
  'client-sdk': {
    name: '@parley/client',
    source: 'client-sdk/src',
    parley: ['@parley/shared', '@parley/server:type'],
  },
  web: { name: '@parley/web', source: 'web/src', parley: ['@parley/client', '@parley/shared'] },
  tests: {
    name: '@parley/tests',
    source: 'tests',
    parley: ['@parley/shared', '@parley/server', '@parley/client', '@parley/web'],
  },
};

/** The only places that read the environment of the process. */
export const environmentReaders = ['server/src/config/', 'tests/'];

/** A feature may use those of the levels before its own, never one of the same level. */
export const featureLevels = [
  ['events'],
  ['users'],
  ['auth', 'links'],
  ['friends'],
  ['presence'],
  ['projects', 'conversations'],
  ['files'],
  ['tasks', 'messages', 'groups', 'rooms', 'pads'],
  ['comments', 'notifications', 'admin', 'account'],
];

/**
 * Rooms of the server → the rooms each may use besides itself. A room is a file or folder directly under `server/src`;
 * `features` stands for any feature (their order is above) and `sync` for its top-level files (its parts are below).
 */
export const serverRooms = {
  main: ['app', 'config', 'platform', 'quiet-memory'],
  cli: ['main', 'app', 'config', 'platform', 'features', 'embedded-mongo'],
  index: ['app', 'app-router', 'platform', 'trpc', 'features', 'sync', 'mail:type'],
  app: [
    'app-router',
    'config',
    'platform',
    'metrics',
    'mail',
    'nodes',
    'http',
    'trpc',
    'features',
    'sync',
    'embedded-mongo',
  ],
  'app-router': ['trpc', 'features'],
  http: ['platform', 'trpc', 'features', 'app-router:type', 'sync:type'],
  trpc: ['platform'],
  features: ['platform', 'trpc', 'mail:type', 'sync:type'],
  sync: ['platform'],
  config: ['platform'],
  metrics: ['sync:type'],
  nodes: ['platform'],
  mail: [],
  platform: [],
  'embedded-mongo': ['quiet-memory'],
  'quiet-memory': [],
};

/** Parts of the engine → the parts each may use. Its top-level files wire them and may use all. */
export const syncParts = {
  connection: ['protocol', 'document'],
  document: ['guard', 'log', 'projection', 'awareness', 'bus'],
  protocol: [],
  guard: [],
  log: [],
  projection: [],
  awareness: [],
  bus: [],
};

/**
 * Parts of the embedded store → the parts each may use, and `errors.ts` besides. Its other top-level files wire them and may use
 * all. An index asks the matcher whether its partial filter holds, so storage and query use each other; their files never do.
 */
export const storeParts = {
  wire: ['bson'],
  commands: ['wire', 'query', 'storage', 'bson'],
  query: ['storage', 'bson'],
  storage: ['query', 'bson'],
  bson: [],
};

/** Modules that a room may name, where that is limited: the guard does no I/O, the embedded store knows nothing of Parley. */
export const roomModules = {
  'sync/guard': { only: ['@parley/shared', 'yjs', 'lib0', 'zod'] },
  'embedded-mongo': { never: ['@parley/shared'] },
};

/** Files beside an `index.ts` that others may reach all the same: what several rooms agree on, using nothing themselves. */
export const openFiles = ['server/src/sync/ports.ts'];
