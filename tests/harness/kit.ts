export {
  createApi,
  refusalOf,
  signUp,
  TEST_PASSWORD,
  type TestPerson,
} from './api.js';
export { createDataDir, type DataDir } from './data-dir.js';
export { claimsOf, forgeToken } from './forge.js';
export { type RawAnswer, rawCall, rawRequest } from './raw-call.js';
export { type ServerProcess, spawnTestServer } from './server-process.js';
export { startTestServer, TEST_SECRET, type TestServer, testOptions } from './test-server.js';
