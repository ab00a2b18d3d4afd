/** `npm run bench -- <name> [options]`: runs a bench. Without a name it lists them. */

const benches = {
  store: {
    about: 'the embedded store, beside FerretDB on SQLite where that can be had',
    load: () => import('./store/store.mjs'),
  },
  sync: {
    about: 'the sync engine, beside other servers for Yjs documents and a bare relay',
    load: () => import('./sync/sync.mjs'),
  },
  people: {
    about: 'suggestions of friends, in worlds of few and of many people',
    load: () => import('./people/people.mjs'),
  },
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(benches, name)) {
  if (name !== undefined) console.log(`There is no bench ${name}.`);
  console.log('npm run bench -- <name> [--help]');
  for (const [each, { about }] of Object.entries(benches)) console.log(`  ${each.padEnd(10)} ${about}`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const { run } = await benches[name].load();
  await run(args);
}
