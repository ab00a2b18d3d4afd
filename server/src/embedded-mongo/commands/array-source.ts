import { encodeResult } from '../bson/raw.js';
import type { BsonObject } from '../bson/values.js';
import type { BatchSource } from './cursors.js';

/** A result that is complete already, handed out in batches. */
export class ArraySource implements BatchSource {
  private at = 0;

  constructor(private readonly documents: readonly BsonObject[]) {}

  get done(): boolean {
    return this.at >= this.documents.length;
  }

  nextBatch(maxDocuments: number, maxBytes: number): Promise<Uint8Array[]> {
    const batch: Uint8Array[] = [];
    let bytes = 0;
    while (batch.length < maxDocuments && bytes < maxBytes) {
      const document = this.documents[this.at];
      if (!document) break;
      const encoded = encodeResult(document);
      batch.push(encoded);
      bytes += encoded.length;
      this.at++;
    }
    return Promise.resolve(batch);
  }
}
