// Owns what a conversation and its members say of its newest messages. Written for many at once and a little later than the
// messages, because only the newest counts; doing it twice comes to the same as once.
import { inParts, uncast } from '../../../platform/rows.js';
import type { ConversationModel, MembershipModel } from '../../conversations/index.js';

/** A message that stands in history. */
export interface Landed {
  readonly conversation: string;
  readonly id: string;
  readonly seq: number;
  readonly author: string;
  readonly receivedAt: Date;
}

export interface SummaryModels {
  readonly conversations: ConversationModel;
  readonly memberships: MembershipModel;
}

/** What was not told of yet of one conversation: its newest message, and that of each author. */
interface Noted {
  newest: Landed;
  readonly newestOf: Map<string, Landed>;
}

export class Summaries {
  readonly #models: SummaryModels;
  #noted = new Map<string, Noted>();
  /** What the next write is to hold. */
  #asked: Set<string> | 'all' = new Set();
  #next: Promise<void> | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(models: SummaryModels) {
    this.#models = models;
  }

  /** Notes messages, in the order of their numbers in each conversation. */
  note(landed: readonly Landed[]): void {
    for (const message of landed) this.#keep(message);
  }

  /**
   * Resolves when everything noted before of the conversation, or of all, is written. Whoever asks while a write runs shares the
   * next one. When it rejects it is still noted.
   */
  flush(conversation?: string): Promise<void> {
    if (conversation === undefined) this.#asked = 'all';
    else if (this.#asked !== 'all') this.#asked.add(conversation);
    this.#next ??= this.#running.then(() => this.#writeAsked());
    return this.#next;
  }

  #keep(message: Landed): void {
    const { conversation, author } = message;
    const noted = this.#noted.get(conversation) ?? { newest: message, newestOf: new Map() };
    this.#noted.set(conversation, noted);
    if (noted.newest.seq < message.seq) noted.newest = message;
    if ((noted.newestOf.get(author)?.seq ?? 0) < message.seq) noted.newestOf.set(author, message);
  }

  #writeAsked(): Promise<void> {
    const writing = this.#write(this.#takeAsked());
    this.#next = null;
    this.#running = writing.catch(() => undefined);
    return writing;
  }

  #takeAsked(): Noted[] {
    const asked = this.#asked === 'all' ? [...this.#noted.keys()] : [...this.#asked];
    this.#asked = new Set();
    return asked.flatMap((conversation) => {
      const noted = this.#noted.get(conversation);
      this.#noted.delete(conversation);
      return noted ?? [];
    });
  }

  async #write(taken: readonly Noted[]): Promise<void> {
    const newest = taken.map((noted) => noted.newest);
    const newestOf = taken.flatMap((noted) => [...noted.newestOf.values()]);
    try {
      for (const some of inParts(newest)) await this.#tellConversations(some);
      for (const some of inParts(newestOf)) await this.#markOwnAsRead(some);
    } catch (error) {
      for (const message of [...newest, ...newestOf]) this.#keep(message);
      throw error;
    }
  }

  async #tellConversations(newest: readonly Landed[]): Promise<void> {
    await uncast(this.#models.conversations).bulkWrite(
      newest.map(({ conversation, id, seq, receivedAt }) => ({
        updateOne: {
          filter: { _id: conversation, messageCount: { $lt: seq } },
          update: { $set: { messageCount: seq, lastMessage: id, activeAt: receivedAt } },
        },
      })),
      { ordered: false },
    );
  }

  /** Who writes has read what stood before. */
  async #markOwnAsRead(newest: readonly Landed[]): Promise<void> {
    await uncast(this.#models.memberships).bulkWrite(
      newest.map(({ conversation, author, seq }) => ({
        updateOne: { filter: { conversation, user: author }, update: { $max: { lastReadSeq: seq } } },
      })),
      { ordered: false },
    );
  }
}
