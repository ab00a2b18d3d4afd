import { createHash, type Hash } from 'node:crypto';
import { mongo } from 'mongoose';
import { CommandError } from '../problems.js';

/** What a collection holds. Two collections with the same content have the same documents, byte for byte. */
export interface Content {
  readonly documents: number;
  readonly bytes: number;
  /** Of all documents as they are stored, one after the other in `_id` order; hex. */
  readonly sha256: string;
}

const READ_DOCUMENTS = 1_000;

/** Every document as its own bytes, in `_id` order. What is in memory is one reply of the server, 16 MB and a document. */
async function* rawDocuments(collection: mongo.Collection): AsyncGenerator<Uint8Array> {
  const options = { raw: true, sort: { _id: 1 }, batchSize: READ_DOCUMENTS } as const;
  for await (const document of collection.find({}, options)) {
    if (!(document instanceof Uint8Array)) throw new TypeError('the driver decoded a raw document');
    yield document;
  }
}

/** The same of the embedded store, whose failures are not to pass for the target's. */
export async function* storeDocuments(collection: mongo.Collection): AsyncGenerator<Uint8Array> {
  try {
    yield* rawDocuments(collection);
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error;
    throw new CommandError(`${collection.namespace} cannot be read from the store: ${error.message}`);
  }
}

/** Adds documents up to their content. */
export class ContentCounter {
  documents = 0;
  bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  add(document: Uint8Array): void {
    this.documents++;
    this.bytes += document.length;
    this.#hash.update(document);
  }

  /** Of what was added so far; more may follow. */
  content(): Content {
    return {
      documents: this.documents,
      bytes: this.bytes,
      sha256: this.#hash.copy().digest('hex'),
    };
  }
}

/** Reads a collection through. */
export const readContent = async (
  collection: mongo.Collection,
  onDocument: (documents: number) => void = () => undefined,
): Promise<Content> => {
  const counter = new ContentCounter();
  for await (const document of rawDocuments(collection)) {
    counter.add(document);
    onDocument(counter.documents);
  }
  return counter.content();
};
