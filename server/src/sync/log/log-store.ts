// Owns reading a document back: its row, its newest snapshot, the log after it; and writing snapshots.
// Does not own the live document, nor the hot path of appending (log-writer.ts).
import { AppError } from '@parley/shared';
import { inParts, uncast } from '../../platform/rows.js';
import type { ClientBinding, DocumentRow, LogModels, LogRow, SnapshotRow } from './log.models.js';

/** Everything that is stored of a document, in the order to apply it. */
export interface StoredDocument {
  readonly row: DocumentRow;
  readonly snapshot: {
    readonly position: number;
    readonly state: Uint8Array;
    readonly bindings: ClientBinding[];
  } | null;
  /** Every entry that the snapshot does not hold, and older ones that history does not hold yet; positions ascend. */
  readonly entries: readonly LogRow[];
}

/** What a snapshot holds. */
export interface SnapshotInput {
  readonly document: string;
  readonly generation: number;
  readonly position: number;
  readonly state: Uint8Array;
  readonly bindings: ClientBinding[];
}

/** Which entries a document no longer needs: a snapshot holds them, and history what they meant. */
export interface CompactInput {
  readonly document: string;
  readonly generation: number;
  readonly upTo: number;
}

export class LogStore {
  readonly #models: LogModels;

  constructor(models: LogModels) {
    this.#models = models;
  }

  /** Reads the document, making its row if it is new. Throws INTERNAL when the log has a hole: never a shortened document. */
  async read(documentId: string, kind: string): Promise<StoredDocument> {
    const row = await this.#models.documents
      .findOneAndUpdate(
        { _id: documentId },
        { $setOnInsert: { kind, generation: 1, projectedPosition: 0, createdAt: new Date() } },
        { upsert: true, returnDocument: 'after' },
      )
      .lean();
    if (row === null)
      throw new AppError('INTERNAL', { logMessage: `document ${documentId} could not be made` });
    const where = { document: documentId, generation: row.generation };
    const snapshot = await this.#models.snapshots.collection.findOne<SnapshotRow>(where, {
      sort: { position: -1 },
      promoteBuffers: true,
    });
    const base = snapshot?.position ?? 0;
    const entries = await this.#models.log.collection
      .find<LogRow>(
        { ...where, position: { $gt: Math.min(base, row.projectedPosition) } },
        { promoteBuffers: true },
      )
      .sort({ position: 1 })
      .toArray();
    assertWhole(documentId, base, entries);
    return {
      row,
      snapshot: snapshot && {
        position: snapshot.position,
        state: snapshot.state,
        bindings: snapshot.bindings,
      },
      entries,
    };
  }

  /** Ids of documents that have entries in the log: those that were live when the last process ended. */
  async unfinished(): Promise<{ id: string; kind: string }[]> {
    const ids = await this.#models.log.distinct('document');
    const rows = await this.#models.documents.find({ _id: { $in: ids } }, { kind: 1 }).lean();
    return rows.map((row) => ({ id: row._id, kind: row.kind }));
  }

  /** Keeps the snapshot in place of older ones. */
  async snapshot({ document, generation, position, state, bindings }: SnapshotInput): Promise<void> {
    await this.#models.snapshots.collection.updateOne(
      { document, generation, position },
      { $set: { state: Buffer.from(state), bindings } },
      { upsert: true },
    );
    await this.#models.snapshots.deleteMany({ document, generation, position: { $lt: position } });
  }

  /**
   * Goes on in the snapshot's generation, and lets go what was before it. To be called once the generation before is closed by its
   * last entry; doing it again, after a crash at any point, comes to the same.
   */
  async renew(next: SnapshotInput): Promise<void> {
    await this.snapshot(next);
    await this.#models.documents.updateOne(
      { _id: next.document, generation: { $lt: next.generation } },
      { $set: { generation: next.generation }, $max: { projectedPosition: next.position } },
    );
    await this.#forgetBefore(next);
  }

  /** Lets entries go. Stopping half-way leaves only more than is needed. */
  async compact({ document, generation, upTo }: CompactInput): Promise<void> {
    await this.#models.log.deleteMany({ document, generation, position: { $lte: upTo } });
    // A process that ended in the middle of `renew` leaves some.
    if (generation > 1) await this.#forgetBefore({ document, generation });
  }

  /** Lets everything of the document go, its row last. */
  async remove(documentId: string): Promise<void> {
    await this.#models.log.deleteMany({ document: documentId });
    await this.#models.snapshots.deleteMany({ document: documentId });
    await this.#models.documents.deleteOne({ _id: documentId });
  }

  async #forgetBefore({ document, generation }: { document: string; generation: number }): Promise<void> {
    const before = { document, generation: { $lt: generation } };
    await this.#models.log.deleteMany(before);
    await this.#models.snapshots.deleteMany(before);
  }

  /** Records how far history has come, for many documents in few writes. Never moves backwards. */
  async recordProjected(reached: ReadonlyMap<string, number>): Promise<void> {
    for (const some of inParts([...reached])) {
      await uncast(this.#models.documents).bulkWrite(
        some.map(([id, position]) => ({
          updateOne: { filter: { _id: id }, update: { $max: { projectedPosition: position } } },
        })),
        { ordered: false },
      );
    }
  }
}

const assertWhole = (documentId: string, base: number, entries: readonly LogRow[]): void => {
  let expected = base + 1;
  for (const { position } of entries) {
    if (position <= base) continue;
    if (position !== expected) {
      throw new AppError('INTERNAL', {
        logMessage: `the log of document ${documentId} has ${position} where ${expected} should be`,
      });
    }
    expected += 1;
  }
};
