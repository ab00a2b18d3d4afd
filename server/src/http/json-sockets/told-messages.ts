// Owns the messages that JSON sockets are told of, as frames: fetched and written once, however many sockets want them at that moment.
// Does not own who may hear of which: whoever asks does so because their own stream of events told of it.
import type { Message } from '@parley/shared';
import { messageFrame } from './frames.js';

/** A message as it is told. */
export interface Told {
  readonly id: string;
  readonly author: string;
  readonly frame: string;
}

/** Messages in order, and the number that is gone through with them. */
export interface Page {
  readonly told: readonly Told[];
  readonly upTo: number;
}

/** Messages of a conversation after one number, up to and including another. */
interface Stretch {
  readonly conversationId: string;
  readonly after: number;
  readonly upTo: number;
}

export interface ToldMessagesParts {
  /** Reads history; rejects when the store fails. */
  stretch(
    conversationId: string,
    stretch: { readonly after: number; readonly upTo: number; readonly limit: number },
  ): Promise<readonly Message[]>;
}

/** What one reader has in hand at a time. */
const PAGE = 50;
/** For so long others may want the same: they are told of it at the same moment. What is deleted later is not told. */
const KEEP_MS = 1_000;
/** Characters of frames that are kept for others. */
const MAX_KEPT = 16_000_000;

export class ToldMessages {
  readonly #parts: ToldMessagesParts;
  readonly #kept = new Map<string, Promise<Page>>();
  #keptCharacters = 0;

  constructor(parts: ToldMessagesParts) {
    this.#parts = parts;
  }

  /** The first of a stretch, or all of it. */
  page(stretch: Stretch): Promise<Page> {
    const key = `${stretch.conversationId} ${stretch.after} ${stretch.upTo}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const page = this.#read(stretch);
    this.#kept.set(key, page);
    page.then(
      ({ told }) => this.#keep(key, told),
      () => this.#kept.delete(key),
    );
    return page;
  }

  #keep(key: string, told: readonly Told[]): void {
    const characters = told.reduce((sum, { frame }) => sum + frame.length, 0);
    if (this.#keptCharacters + characters > MAX_KEPT) {
      this.#kept.delete(key);
      return;
    }
    this.#keptCharacters += characters;
    setTimeout(() => {
      this.#kept.delete(key);
      this.#keptCharacters -= characters;
    }, KEEP_MS).unref();
  }

  async #read({ conversationId, after, upTo }: Stretch): Promise<Page> {
    const messages = await this.#parts.stretch(conversationId, { after, upTo, limit: PAGE });
    const told = messages.flatMap((message) => {
      const frame = messageFrame(message);
      return frame === null ? [] : { id: message.id, author: message.author.id, frame };
    });
    const last = messages.at(-1);
    return { told, upTo: messages.length < PAGE || last === undefined ? upTo : last.seq };
  }
}
