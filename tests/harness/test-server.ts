import { createParley, type Parley, type ParleyOptions } from '@parley/server';
import { createDataDir } from './data-dir.js';

/** A server on a port of its own, with data of its own, gone without a trace once disposed. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** The same address for sockets. */
  readonly wsUrl: string;
  readonly dataDir: string;
  /** Live documents, as code beside the server works on them. */
  readonly documents: Parley['documents'];
  close(): Promise<void>;
}

/** Cheap hashes, no limits, silence: what tests want unless they say otherwise. */
export const testOptions = {
  port: 0,
  host: '127.0.0.1',
  bcryptCost: 4,
  rateLimits: false,
  logLevel: 'silent',
  jwtSecret: 'only for tests, and known to everybody',
} as const satisfies ParleyOptions;

/** The secret that test servers sign with, for tests that forge. */
export const TEST_SECRET: string = testOptions.jwtSecret;

export const startTestServer = async (options: ParleyOptions = {}): Promise<TestServer> => {
  const own = options.dataDir === undefined ? await createDataDir() : null;
  const dataDir = own?.path ?? options.dataDir;
  const mongodbUri = options.mongodbUri ?? own?.mongodbUri;
  const parley = await createParley({ ...testOptions, ...options, dataDir, mongodbUri }).catch(
    async (error: unknown) => {
      await own?.discard();
      throw error;
    },
  );
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= parley.close().then(() => own?.discard());
    return closing;
  };
  const { url } = await parley.listen().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    url,
    wsUrl: url.replace(/^http/, 'ws'),
    dataDir: dataDir ?? '',
    documents: parley.documents,
    close,
    [Symbol.asyncDispose]: close,
  };
};
