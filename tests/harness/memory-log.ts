// The log's rooms without a store: writes wait until a test lets them through, fail, or meet somebody else's.
import type { LoadDeps } from '@parley/server/internal/sync/document/load';
import type { LogRow } from '@parley/server/internal/sync/log/log.models';
import type { SnapshotInput } from '@parley/server/internal/sync/log/log-store';
import type { AppendOutcome } from '@parley/server/internal/sync/log/log-writer';

interface Held {
  readonly entry: LogRow;
  readonly answer: (outcome: AppendOutcome) => void;
}

export class MemoryLog implements LoadDeps {
  readonly entries: LogRow[] = [];
  readonly snapshots: SnapshotInput[] = [];
  readonly projectedBatches: { position: number; changes: readonly unknown[] }[] = [];
  /** Up to which positions entries were let go, in order. */
  readonly compactedUpTo: number[] = [];
  /** While true, writes wait for `release`. */
  holding = false;
  /** While true, what a kind has put off cannot be written. */
  cannotFlush = false;
  readonly #held: Held[] = [];
  readonly #arrivals = new Set<() => void>();

  readonly store: LoadDeps['store'] = {
    read: (documentId, kind) => {
      const snapshot = this.snapshots.at(-1);
      return Promise.resolve({
        row: {
          _id: documentId,
          kind,
          generation: 1,
          projectedPosition: this.entries.length,
          createdAt: new Date(),
        },
        snapshot: snapshot ?? null,
        entries: this.entries.filter(({ position }) => position > (snapshot?.position ?? 0)),
      });
    },
    snapshot: (input) => {
      this.snapshots.push(input);
      return Promise.resolve();
    },
    compact: ({ upTo }) => {
      this.compactedUpTo.push(upTo);
      return Promise.resolve();
    },
    renew: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  };

  readonly writer: LoadDeps['writer'] = {
    append: (entry) =>
      new Promise((answer) => {
        this.#held.push({ entry, answer });
        for (const wake of [...this.#arrivals]) wake();
        if (!this.holding) this.release();
      }),
  };

  readonly projector: LoadDeps['projector'] = {
    project: (_kind, { position, changes }) => {
      this.projectedBatches.push({ position, changes });
      return Promise.resolve();
    },
    hurry: () => undefined,
    flush: () => (this.cannotFlush ? Promise.reject(new Error('not now')) : Promise.resolve()),
    room: () => Promise.resolve(),
  };

  /** Resolves when a write waits. */
  async waiting(): Promise<void> {
    while (this.#held.length === 0) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#arrivals.delete(wake);
          resolve();
        };
        this.#arrivals.add(wake);
      });
    }
  }

  /** Lets the waiting writes through: each is stored, or fenced off when its position is taken. */
  release(): void {
    for (const { entry, answer } of this.#held.splice(0)) {
      if (this.entries.some(({ position }) => position === entry.position)) answer('fenced');
      else {
        this.entries.push(entry);
        answer('stored');
      }
    }
  }

  /** Answers the waiting writes as given up. */
  fail(): void {
    for (const { answer } of this.#held.splice(0)) answer('failed');
  }
}
