import type { mongo } from 'mongoose';
import { z } from 'zod';
import { CommandError } from '../problems.js';
import type { Content } from './content.js';
import type { Target } from './target.js';

/** The collection in the target that tells an unfinished copy from data of somebody else. Gone when the copy is complete. */
export const MARKER_NAME = 'parley_store_copy';

const entrySchema = z.object({
  _id: z.string(),
  store: z.string(),
  documents: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  verified: z.boolean(),
});

/** How far the copy of one collection has come: the content of the documents that are known to be in the target. */
export interface Progress extends Content {
  /** Read back from the target and found equal. */
  readonly verified: boolean;
}

/**
 * The notes of a copy, one for each collection, kept in the target itself so that they share its fate. A collection has its
 * note before its first document, so whatever is in a noted collection came from this copy; a note never promises a document
 * that was not acknowledged.
 */
export class Marker {
  readonly #entries = new Map<string, Progress>();

  private constructor(
    private readonly target: Target,
    private readonly database: string,
    private readonly storeId: string,
  ) {}

  /** Reads the notes an earlier run left. Refuses those of another store, and anything else under that name. */
  static async read(target: Target, database: string, storeId: string): Promise<Marker> {
    const marker = new Marker(target, database, storeId);
    const rows: unknown[] = await target.db(database).collection(MARKER_NAME).find().toArray();
    for (const row of rows) {
      const entry = entrySchema.safeParse(row);
      if (!entry.success || entry.data.store !== storeId) {
        throw new CommandError(
          `The target holds the unfinished copy of another store (${database}.${MARKER_NAME}). Finish that one, or drop what it copied and that collection.`,
        );
      }
      marker.#entries.set(entry.data._id, entry.data);
    }
    return marker;
  }

  get namespaces(): readonly string[] {
    return [...this.#entries.keys()];
  }

  find(namespace: string): Progress | undefined {
    return this.#entries.get(namespace);
  }

  async set(namespace: string, { documents, bytes, sha256, verified }: Progress): Promise<void> {
    const note = { _id: namespace, store: this.storeId, documents, bytes, sha256, verified };
    const updates: mongo.Document[] = [{ q: { _id: namespace }, u: note, upsert: true }];
    const [refused] = await this.target.write(this.database, { update: MARKER_NAME, updates });
    if (refused !== undefined) throw new CommandError(`The target refused ${MARKER_NAME}: ${refused.errmsg}`);
    this.#entries.set(namespace, { documents, bytes, sha256, verified });
  }

  /** The copy is complete: from here on the target is nobody's but its owner's. */
  async remove(): Promise<void> {
    await this.target.write(this.database, { drop: MARKER_NAME });
  }
}
