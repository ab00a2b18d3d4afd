import type { Engine, WriteTransaction } from './engine.js';
import { afterPrefix, prefixOf, purgeKey, SPACE, type SpaceCode } from './layout.js';

/** Removals per commit: small enough that other writers hardly notice. */
const KEYS_PER_COMMIT = 2000;

/**
 * Removes the keys of dropped collections and indexes. What is dropped is noted in the commit that drops it, so the
 * removal goes on after a crash; small ones are gone within that same commit.
 */
export class Purger {
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly engine: Engine) {}

  /** Give everything below a dropped id back, as part of the commit that drops it. */
  discard(transaction: WriteTransaction, space: SpaceCode, id: number): void {
    transaction.afterCommit(() => this.engine.markDropped(id));
    if (this.removeSome(transaction, space, id)) return;
    transaction.put(purgeKey(space, id), Buffer.of(1));
    transaction.afterCommit(() => this.start());
  }

  /** Go on with what an earlier run of the program left. */
  start(): void {
    // A removal that fails, for example on a full disk, stays noted and is taken up by the next start.
    this.running ??= this.run()
      .catch(() => {})
      .finally(() => {
        this.running = undefined;
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    const start = Buffer.of(SPACE.purge);
    while (!this.stopped) {
      const [next] = this.engine.range({ start, end: afterPrefix(start), limit: 1 });
      if (!next) return;
      const space = spaceOf(next.key);
      const id = next.key.readUInt32BE(2);
      await this.engine.write((transaction) => {
        if (this.removeSome(transaction, space, id)) transaction.remove(next.key);
      });
    }
  }

  /** True when nothing is left. */
  private removeSome(transaction: WriteTransaction, space: SpaceCode, id: number): boolean {
    const prefix = prefixOf(space, id);
    const entries = this.engine.range({ start: prefix, end: afterPrefix(prefix), limit: KEYS_PER_COMMIT });
    for (const { key } of entries) transaction.remove(key);
    return entries.length < KEYS_PER_COMMIT;
  }
}

function spaceOf(key: Buffer): SpaceCode {
  return key.readUInt8(1) === SPACE.documents ? SPACE.documents : SPACE.indexes;
}
