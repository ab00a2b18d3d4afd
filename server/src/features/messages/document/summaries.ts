// Owns what a conversation and its members say of its newest messages. Written for many at once and a little later than the
// messages, because only the newest counts; doing it twice comes to the same as once.
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

/** Rows in one write: the log does not wait long for its turn. */
const MAX_ROWS = 100;

export class Summaries {
  readonly #models: SummaryModels;
  /** The newest of each conversation, and of each author in one, that was not told of yet. */
  #newest = new Map<string, Landed>();
  #newestOf = new Map<string, Landed>();
  #writing: Promise<void> = Promise.resolve();

  constructor(models: SummaryModels) {
    this.#models = models;
  }

  /** Notes messages, in the order of their numbers in each conversation. */
  note(landed: readonly Landed[]): void {
    for (const message of landed) this.#keep(message);
  }

  /** Resolves when everything noted before is written. When it rejects it is still noted. */
  flush(): Promise<void> {
    const before = this.#writing.catch(() => undefined);
    this.#writing = before.then(() => this.#write());
    return this.#writing;
  }

  #keep(message: Landed): void {
    keepNewest(this.#newest, message.conversation, message);
    keepNewest(this.#newestOf, `${message.conversation} ${message.author}`, message);
  }

  async #write(): Promise<void> {
    const [newest, newestOf] = [[...this.#newest.values()], [...this.#newestOf.values()]];
    this.#newest = new Map();
    this.#newestOf = new Map();
    try {
      for (const some of inParts(newest)) await this.#tellConversations(some);
      for (const some of inParts(newestOf)) await this.#markOwnAsRead(some);
    } catch (error) {
      for (const message of [...newest, ...newestOf]) this.#keep(message);
      throw error;
    }
  }

  async #tellConversations(newest: readonly Landed[]): Promise<void> {
    await this.#models.conversations.bulkWrite(
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
    await this.#models.memberships.bulkWrite(
      newest.map(({ conversation, author, seq }) => ({
        updateOne: { filter: { conversation, user: author }, update: { $max: { lastReadSeq: seq } } },
      })),
      { ordered: false },
    );
  }
}

const keepNewest = (kept: Map<string, Landed>, key: string, message: Landed): void => {
  if ((kept.get(key)?.seq ?? 0) < message.seq) kept.set(key, message);
};

const inParts = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / MAX_ROWS) }, (_, part) =>
    all.slice(part * MAX_ROWS, (part + 1) * MAX_ROWS),
  );
