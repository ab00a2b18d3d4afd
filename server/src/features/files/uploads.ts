// Owns taking in the bytes of a file: once for a ticket, measured as they pass, whole or not at all.
import { AppError, limits, type UploadedFile } from '@parley/shared';
import { Places } from '../../platform/places.js';
import type { FileRow, FileState } from './file.model.js';
import { readFileToken } from './file-token.js';
import type { Looked } from './images.js';
import { Measure } from './measure.js';
import type { FilesParts } from './parts.js';
import { markRemoving, removeMarked } from './remove-file.js';

/** What is on its way to the server. */
export interface Incoming {
  /** How many bytes it says it has; null where it does not say. */
  readonly declaredBytes: number | null;
  /** Rejects with the AppError to answer with where it breaks off. */
  readonly parts: AsyncIterable<Uint8Array>;
}

/** An upload of which nothing has been heard for so many times the longest silence is over: its process has died. */
const SILENCES = 3;
/** As long as images wait for each other, at the very most. */
const LOOKING_MS = 10 * 60_000;
/** Larger ones are not looked into. */
const IMAGE_BYTES = 32 * 1024 * 1024;

export class Uploads {
  readonly #parts: FilesParts;
  readonly #places = new Places({
    each: limits.uploadsPerPerson.value,
    inAll: limits.uploadsAtOnce.value,
  });

  constructor(parts: FilesParts) {
    this.#parts = parts;
  }

  /**
   * Takes the bytes in for a ticket. TOKEN_INVALID, EXPIRED, or CONFLICT where the ticket is none, is over or was used; NOT_FOUND or
   * FORBIDDEN where its owner may no longer write there; TOO_LARGE and INVALID_INPUT where the bytes are others than was said. Whatever
   * it rejects with once bytes have come: nothing of them is left.
   */
  async receive(ticket: string, incoming: Incoming): Promise<UploadedFile> {
    const { files, key } = this.#parts;
    const id = readFileToken(ticket, { purpose: 'upload', key });
    const row = await files.findById(id).lean<FileRow>();
    if (row === null || row.state === 'removing') throw new AppError('EXPIRED');
    if (row.state !== 'ticket') throw used();
    await this.#assertWriter(row);
    assertSize(row.size, incoming.declaredBytes);
    const leave = this.#places.take(row.owner);
    if (leave === null) throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds: 5 } });
    try {
      return await this.#takeIn(row, incoming);
    } finally {
      leave();
    }
  }

  async #assertWriter({ conversation, owner }: FileRow): Promise<void> {
    const { mayWrite } = await this.#parts.conversations.getAccess(conversation, owner);
    if (!mayWrite) throw new AppError('FORBIDDEN');
  }

  async #takeIn(row: FileRow, incoming: Incoming): Promise<UploadedFile> {
    const { files, log } = this.#parts;
    const claimed = await files.updateOne(
      { _id: row._id, state: 'ticket', dueAt: { $gt: new Date() } },
      { $set: { state: 'uploading' satisfies FileState, dueAt: this.#lease() } },
    );
    if (claimed.matchedCount === 0) throw used();
    try {
      return await this.#store(row, incoming.parts);
    } catch (error) {
      // What cannot be removed now is found by the collector.
      await this.#abandon(row).catch((reason: unknown) =>
        log.warn({ err: reason, file: row._id }, 'what came of an upload is removed later'),
      );
      throw error;
    }
  }

  async #store(row: FileRow, parts: AsyncIterable<Uint8Array>): Promise<UploadedFile> {
    const { bytes, files, live, unattachedFileMs } = this.#parts;
    const measure = new Measure(row.size);
    const sink = bytes.open(row.bytes);
    let renewAt = Date.now() + this.#parts.uploadStallMs;
    for await (const part of parts) {
      measure.add(part);
      await sink.write(part);
      if (Date.now() < renewAt) continue;
      renewAt = Date.now() + this.#parts.uploadStallMs;
      await this.#renew(row, this.#lease());
    }
    const { type, sha256 } = await measure.finish();
    await sink.end();
    const image = await this.#lookInto(row, type);
    const { matchedCount } = await files.updateOne(
      { _id: row._id, state: 'uploading' satisfies FileState },
      {
        $set: {
          ...{ type, sha256, image, state: 'stored' satisfies FileState },
          dueAt: new Date(Date.now() + unattachedFileMs),
        },
      },
    );
    if (matchedCount === 0) throw new AppError('EXPIRED');
    // A conversation that is being removed has seen to its files before, or sees this one now.
    if (!(await this.#parts.isAlive(row.conversation))) throw new AppError('NOT_FOUND');
    await live.offer(row.conversation, { id: row._id, owner: row.owner });
    const { _id: id, name, size } = row;
    return { id, name, size, type, sha256, image };
  }

  async #lookInto(row: FileRow, type: string): Promise<FileRow['image']> {
    if (row.size > IMAGE_BYTES) return null;
    const { bytes, lookInto } = this.#parts;
    if (type.startsWith('image/')) await this.#renew(row, new Date(Date.now() + LOOKING_MS));
    const looked = await lookInto(type, () => bytes.read(row.bytes, { start: 0, end: row.size }));
    if (looked === null) return null;
    await this.#storeThumbnail(row, looked);
    return { width: looked.width, height: looked.height, thumbnail: true };
  }

  async #storeThumbnail(row: FileRow, { thumbnail }: Looked): Promise<void> {
    const sink = this.#parts.bytes.open(row.thumbnail);
    await sink.write(thumbnail);
    await sink.end();
  }

  /** Throws EXPIRED where somebody took it for dead, or removed it. */
  async #renew(row: FileRow, dueAt: Date): Promise<void> {
    const { matchedCount } = await this.#parts.files.updateOne(
      { _id: row._id, state: 'uploading' satisfies FileState },
      { $set: { dueAt } },
    );
    if (matchedCount === 0) throw new AppError('EXPIRED');
  }

  #lease(): Date {
    return new Date(Date.now() + SILENCES * this.#parts.uploadStallMs);
  }

  async #abandon(row: FileRow): Promise<void> {
    const unattached = { $in: ['uploading', 'stored', 'removing'] satisfies FileState[] };
    await markRemoving(this.#parts, { _id: row._id, state: unattached });
    await removeMarked(this.#parts, row);
  }
}

const used = (): AppError =>
  new AppError('CONFLICT', { details: { fields: { ticket: ['was used already'] } } });

const assertSize = (size: number, declared: number | null): void => {
  if (declared === null || declared === size) return;
  if (declared > size) throw new AppError('TOO_LARGE');
  throw new AppError('INVALID_INPUT', { details: { fields: { body: ['is shorter than its ticket says'] } } });
};
