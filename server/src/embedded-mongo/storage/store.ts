import { Catalogue } from './catalogue.js';
import { ensureDirectory, openDataFile } from './data-file.js';
import { lockDirectory } from './directory-lock.js';
import { DocumentStore } from './document-store.js';
import type { Engine } from './engine.js';
import { Purger } from './purger.js';

/** An open data directory. */
export interface Store {
  readonly engine: Engine;
  readonly catalogue: Catalogue;
  readonly documents: DocumentStore;
  readonly purger: Purger;
  /** Finishes queued writes and releases the directory. */
  close(): Promise<void>;
}

/** Lock and open a data directory. Refuses with StoreOpenError when it is in use, damaged or of a newer format. */
export async function openStore(dataDir: string): Promise<Store> {
  await ensureDirectory(dataDir);
  const lock = await lockDirectory(dataDir);
  let engine: Engine | undefined;
  try {
    engine = await openDataFile(dataDir);
    return assemble(engine, lock);
  } catch (error) {
    await engine?.close();
    await lock.release();
    throw error;
  }
}

function assemble(engine: Engine, lock: { release(): Promise<void> }): Store {
  const catalogue = new Catalogue(engine);
  engine.beforeCommit = (transaction) => catalogue.flushCounters(transaction);
  engine.afterRollback = () => catalogue.load();
  const purger = new Purger(engine);
  purger.start();
  return {
    engine,
    catalogue,
    documents: new DocumentStore(engine, catalogue),
    purger,
    close: async () => {
      await purger.stop();
      await engine.close();
      await lock.release();
    },
  };
}
