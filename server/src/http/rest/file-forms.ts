// Owns reading forms that may bring a file: the file goes into a directory of its own, and nothing of it is left when its request is
// answered. Does not own who may bring one where, nor what becomes of it.
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { AppError, deferred, limits } from '@parley/shared';
import type { FastifyRequest } from 'fastify';
import { Places } from '../../platform/places.js';
import { arriving } from '../arriving.js';
import type { SentFile } from './sent-file.js';

export interface FileFormsOptions {
  /** Where files lie meanwhile; it may be missing. */
  readonly directory: string;
  /** The largest file. */
  readonly fileBytes: number;
  /** A form of which nothing arrives for so long is over. */
  readonly uploadStallMs: number;
}

export interface FileForm {
  /** Text by name; a list where a name came several times. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly file: SentFile | null;
}

export interface FileForms {
  /**
   * Reads the form and hands it over; its file is gone once this settles. TOO_LARGE, EXPIRED where it is too slow, INVALID_INPUT where it is no
   * such form or breaks off, TOO_MANY_REQUESTS where too many are on their way.
   */
  read<Result>(
    request: Pick<FastifyRequest, 'raw'>,
    expected: { readonly field: string; readonly userId: string },
    use: (form: FileForm) => Promise<Result>,
  ): Promise<Result>;
}

const FORM = /^multipart\/form-data\s*(;|$)/i;
/** More than any route takes: what a client sends beside is ignored, within bounds. */
const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 8 * 1024;
/** All of a form that is not its file. */
const MAX_BESIDE_BYTES = MAX_FIELDS * (MAX_FIELD_BYTES + MAX_HEADER_BYTES);
/** What lies there for so long was left by a process that died. */
const LEFT_MS = 4 * limits.uploadMs.value;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes forms that bring a file. */
    readonly takesFile?: boolean;
  }
}

/** Whether a request is such a form on a route that takes them; it may take longer than others to arrive. */
export const isFileForm = ({ headers, routeOptions }: FastifyRequest): boolean =>
  routeOptions.config.takesFile === true && FORM.test(headers['content-type'] ?? '');

export const createFileForms = async (options: FileFormsOptions): Promise<FileForms> => {
  const places = new Places({ each: limits.uploadsPerPerson.value, inAll: limits.uploadsAtOnce.value });
  await removeLeft(options.directory);
  return {
    read: async ({ raw }, { field, userId }, use) => {
      let directory: string | null = null;
      const leave = places.take(userId);
      try {
        if (leave === null) throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds: 5 } });
        if (Number(raw.headers['content-length']) > options.fileBytes + MAX_BESIDE_BYTES)
          throw new AppError('TOO_LARGE');
        await mkdir(options.directory, { recursive: true });
        directory = await mkdtemp(join(options.directory, 'form-'));
        const path = join(directory, 'file');
        const reading = new FormReader(raw.headers['content-type'] ?? '', {
          ...{ field, path, fileBytes: options.fileBytes },
        });
        return await use(await reading.read(arriving(raw, options.uploadStallMs)));
      } finally {
        if (directory !== null) await rm(directory, { recursive: true, force: true });
        leave?.();
      }
    },
  };
};

/** What a crash has left. Another process may be at work there. */
const removeLeft = async (directory: string): Promise<void> => {
  const names = await readdir(directory).catch(() => []); // It is not there yet.
  for (const name of names) {
    const path = join(directory, name);
    const left = await stat(path).catch(() => null); // Removed meanwhile.
    if (left !== null && left.mtimeMs < Date.now() - LEFT_MS)
      await rm(path, { recursive: true, force: true });
  }
};

interface Expected {
  readonly field: string;
  readonly path: string;
  readonly fileBytes: number;
}

/** One form on its way. */
class FormReader {
  readonly #expected: Expected;
  readonly #parser: BusboyInstance;
  readonly #fields = new Map<string, string[]>();
  /** Rejects with the first thing that is wrong. */
  readonly #wrong = deferred<never>();
  #stream: BusboyFileStream | null = null;
  #saving: Promise<SentFile | null> = Promise.resolve(null);

  constructor(contentType: string, expected: Expected) {
    this.#expected = expected;
    this.#wrong.promise.catch(() => undefined);
    this.#parser = makeParser(contentType, expected.fileBytes);
    this.#parser.on('error', (cause) => this.#fail(broken(cause)));
    this.#parser.on('field', (name, value, _nameCut, valueCut) => this.#takeField(name, value, valueCut));
    this.#parser.on('file', (name, stream, fileName, _encoding, type) => {
      if (name !== expected.field) this.#refuse(stream, name, 'takes no file');
      else this.#saving = this.#save(stream, fileName, type);
    });
    this.#parser.on('filesLimit', () => this.#fail(wrong(expected.field, 'one at a time')));
    for (const event of ['fieldsLimit', 'partsLimit'] as const)
      this.#parser.on(event, () => this.#fail(new AppError('TOO_LARGE')));
  }

  async read(parts: AsyncIterable<Uint8Array>): Promise<FileForm> {
    try {
      const finished = deferred<void>();
      this.#parser.once('finish', () => finished.resolve());
      for await (const part of parts) await this.#inTime(this.#write(part));
      this.#parser.end();
      await this.#inTime(finished.promise);
      const file = await this.#inTime(this.#saving);
      return { fields: fieldsOf(this.#fields), file };
    } finally {
      this.#parser.destroy();
      // By an error: one that is cut off after its end would not be told of otherwise.
      this.#stream?.destroy(new Error('nobody reads it any more'));
      // It is written no more: what it was written into can be removed.
      await this.#saving.catch(() => undefined);
    }
  }

  /** Unless something is found to be wrong before. */
  #inTime<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#wrong.promise]);
  }

  #write(part: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#parser.write(part, () => resolve());
    });
  }

  #fail(error: AppError): void {
    this.#wrong.reject(error);
  }

  #takeField(name: string | undefined, value: string, isCut: boolean): void {
    if (isCut) this.#fail(new AppError('TOO_LARGE'));
    if (name === undefined) return;
    if (name === this.#expected.field && value !== '') this.#fail(wrong(name, 'must be a file'));
    this.#fields.set(name, [...(this.#fields.get(name) ?? []), value]);
  }

  #refuse(stream: BusboyFileStream, name: string | undefined, what: string): void {
    stream.on('error', () => undefined);
    stream.resume();
    this.#fail(wrong(name === undefined || name === '' ? this.#expected.field : name.slice(0, 100), what));
  }

  /** Null for the empty one without a name that a browser sends where none was chosen. */
  async #save(stream: BusboyFileStream, name: string | undefined, type: string): Promise<SentFile | null> {
    this.#stream = stream;
    stream.on('error', () => undefined);
    stream.once('limit', () => this.#fail(new AppError('TOO_LARGE')));
    const { path } = this.#expected;
    try {
      await pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    } catch (cause) {
      this.#fail(broken(cause));
      throw cause;
    }
    const size = stream.bytesRead;
    if (size === 0 && (name === undefined || name === '')) return null;
    return { path, name: name === undefined || name === '' ? 'file' : name, type, size };
  }
}

const makeParser = (contentType: string, fileSize: number): BusboyInstance => {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        ...{ fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, files: 1, fileSize, parts: MAX_FIELDS + 2 },
        ...{ headerPairs: 20, headerSize: MAX_HEADER_BYTES },
      },
    });
  } catch (cause) {
    throw broken(cause);
  }
};

const fieldsOf = (fields: ReadonlyMap<string, readonly string[]>): FileForm['fields'] =>
  Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );

const wrong = (field: string, what: string): AppError =>
  new AppError('INVALID_INPUT', { details: { fields: { [field]: [what] } } });

const broken = (cause: unknown): AppError =>
  new AppError('INVALID_INPUT', { cause, details: { fields: { body: ['could not be read'] } } });
