// A server in a process of its own with settings that the environment does not offer, as JSON in PARLEY_TEST_OPTIONS.
import { createParley } from '@parley/server';

const { DATA_DIR, MONGODB_URI, PARLEY_TEST_OPTIONS = '{}' } = process.env;
const parley = await createParley({
  ...JSON.parse(PARLEY_TEST_OPTIONS),
  dataDir: DATA_DIR,
  mongodbUri: MONGODB_URI,
});
const { url } = await parley.listen();
process.send?.({ type: 'listening', url });
