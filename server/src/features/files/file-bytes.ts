// Owns the bytes of files in the store: GridFS. Does not own which of them are whose (file.model.ts).
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { AppError } from '@parley/shared';
import { type Connection, mongo } from 'mongoose';

const BUCKET = 'file_bytes';

/** Where the bytes of one file go; one call at a time. */
export interface BytesSink {
  /** Resolves once it may take more: what came is in the store, but for the beginning of the next chunk. */
  write(part: Uint8Array): Promise<void>;
  /** Resolves once all of it is in the store. */
  end(): Promise<void>;
}

export interface FileBytes {
  open(id: mongo.ObjectId): BytesSink;
  /** From `start` to before `end`. The stream fails where bytes are missing. */
  read(id: mongo.ObjectId, range: { readonly start: number; readonly end: number }): Readable;
  /** How many there are under the id; they must be whole. */
  size(id: mongo.ObjectId): Promise<number>;
  /** Removes whatever there is under the id, whole or not. May be repeated. */
  remove(id: mongo.ObjectId): Promise<void>;
}

export const createFileBytes = (connection: Connection): FileBytes => {
  const { db } = connection;
  if (db === undefined) throw new TypeError('the store must be open before its bytes are used');
  const bucket = new mongo.GridFSBucket(db, { bucketName: BUCKET, chunkSizeBytes: CHUNK_BYTES });
  const chunks = db.collection(`${BUCKET}.chunks`);
  const whole = db.collection(`${BUCKET}.files`);
  return {
    open: (id) => sinkOf(bucket.openUploadStreamWithId(id, id.toHexString())),
    read: (id, range) => Readable.from(partsOf(chunks, id, range), { objectMode: false }),
    size: async (id) => {
      const [found] = await bucket.find({ _id: id }).toArray();
      if (found === undefined) throw new AppError('NOT_FOUND');
      return found.length;
    },
    remove: async (id) => {
      await whole.deleteOne({ _id: id });
      await chunks.deleteMany({ files_id: id });
    },
  };
};

/** As GridFS has them by itself; what lies there was written by this module. */
const CHUNK_BYTES = 255 * 1024;

/** One chunk at a time, when it is asked for: the driver's own stream has 16 MB of them in memory. */
async function* partsOf(
  chunks: mongo.Collection,
  id: mongo.ObjectId,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Uint8Array> {
  for (let n = Math.floor(start / CHUNK_BYTES); n * CHUNK_BYTES < end; n += 1) {
    const chunk = await chunks.findOne({ files_id: id, n });
    const data: unknown = chunk?.data;
    if (!(data instanceof mongo.Binary)) throw new Error(`chunk ${n} of ${id.toHexString()} is not there`);
    const from = n * CHUNK_BYTES;
    yield data.value().subarray(Math.max(0, start - from), end - from);
  }
}

/** Waits for each part: when a call has been answered nothing is on its way to the store any more. */
const sinkOf = (stream: mongo.GridFSBucketWriteStream): BytesSink => {
  // Told by the call that fails; nobody else listens.
  stream.on('error', () => undefined);
  return {
    write: (part) =>
      new Promise((resolve, reject) => {
        stream.write(part, (error) => (error ? reject(error) : resolve()));
      }),
    end: async () => {
      stream.end();
      await once(stream, 'finish');
    },
  };
};
