// Owns what a live conversation knows of files, so that the guard can judge messages with files without asking anybody.
// Derived from the rows of files; never stored.
import { AppError, type MessageValue } from '@parley/shared';
import type { Attachments, KnownFile } from '../../files/index.js';

/** The files of conversations, as far as their documents need them. */
export type ConversationFiles = Pick<Attachments, 'known' | 'attach' | 'removeOf'>;

type WithFiles = Pick<MessageValue, 'id' | 'author' | 'files'>;

export class AttachmentBook {
  readonly #files = new Map<string, { readonly owner: string; message: string | null }>();

  constructor(known: readonly KnownFile[]) {
    for (const { id, owner, message } of known) this.#files.set(id, { owner, message });
  }

  /** The owner may put it into a message from now on. */
  offer({ id, owner }: Pick<KnownFile, 'id' | 'owner'>): void {
    if (!this.#files.has(id)) this.#files.set(id, { owner, message: null });
  }

  /** Nobody may any more. Throws CONFLICT where it is in a message. */
  withdraw(id: string): void {
    const file = this.#files.get(id);
    if (file !== undefined && file.message !== null) throw new AppError('CONFLICT');
    this.#files.delete(id);
  }

  /** Whether every file of the message is its author's, all there, in no other message, and named once. `taken`: by others of the same update. */
  mayHold({ id, author, files = [] }: WithFiles, taken?: ReadonlySet<string>): boolean {
    if (new Set(files).size < files.length) return false;
    return files.every((name) => {
      const file = this.#files.get(name);
      if (file === undefined || file.owner !== author || taken?.has(name) === true) return false;
      return file.message === null || file.message === id;
    });
  }

  /** They are in that message now. */
  put({ id, author, files = [] }: WithFiles): void {
    for (const name of files) this.#files.set(name, { owner: author, message: id });
  }
}
