import type { Db, Document } from 'mongodb';
import { type Meddle, startMeddlingProxy } from './meddling-proxy.js';
import {
  type CliEnd,
  contentOf,
  runCli,
  startTargetStore,
  type TargetStore,
  TemporaryFolders,
  withStore,
} from './store-cli.js';

/** A store to copy from, a target to copy to, and the command between them. */
export interface CopyBench extends AsyncDisposable {
  /** Parley's data folder; the store in it is made by `fill`. */
  readonly dataDir: string;
  readonly target: TargetStore;
  /** The database that Parley's own collections come into. */
  readonly targetDb: Db;
  /** Everything the target holds in `parley` and `other`. */
  inTarget(): ReturnType<typeof contentOf>;
  /** Puts documents into collections of the store, by `database.collection`. */
  fill(collections: Readonly<Record<string, readonly Document[]>>): Promise<void>;
  /** `parley store copy`, to the target unless another address is given. */
  copy(...more: string[]): Promise<CliEnd>;
  copyTo(uri: string, ...more: string[]): Promise<CliEnd>;
  /** The same with something between the command and the target. */
  copyThrough(meddle: Meddle): Promise<CliEnd>;
}

export const openCopyBench = async (options: { readonly ttlSweepMs?: number } = {}): Promise<CopyBench> => {
  const folders = new TemporaryFolders();
  const dataDir = await folders.make();
  const target = await startTargetStore(options);
  const copyTo = (uri: string, ...more: string[]): Promise<CliEnd> =>
    runCli(['store', 'copy', '--data-dir', dataDir, '--to', uri, ...more]);
  return {
    dataDir,
    target,
    targetDb: target.client.db('parley'),
    inTarget: () => contentOf(target.client, ['parley', 'other']),
    copyTo,
    copy: (...more) => copyTo(target.uri, ...more),
    copyThrough: async (meddle) => {
      await using proxy = await startMeddlingProxy(target.uri, meddle);
      return await copyTo(proxy.uri);
    },
    fill: (collections) =>
      withStore(dataDir, async (client) => {
        for (const [namespace, documents] of Object.entries(collections)) {
          const [database, name = ''] = namespace.split('.');
          await client
            .db(database)
            .collection(name)
            .insertMany([...documents]);
        }
      }),
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await folders[Symbol.asyncDispose]();
    },
  };
};

/** `row 000000` and so on, in the order of their ids. */
export const rows = (count: number, first = 0): Document[] =>
  Array.from({ length: count }, (_, n) => ({
    _id: `row ${String(first + n).padStart(6, '0')}`,
    n: first + n,
  }));
