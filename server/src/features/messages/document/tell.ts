// Owns telling the members of conversations of new and changed messages: whatever happened while the last was told goes together, so
// that a busy conversation costs an event at a time, and not one a message.

import type { StoredChanges } from '../../../sync/index.js';
import { conversationAudience, type NewEvent, type Publish } from '../../events/index.js';
import type { ConversationChange } from './changes.js';
import type { Landed } from './summaries.js';

type Added = Extract<NewEvent['event'], { type: 'message.added' }>['messages'][number];
type Changed = Extract<NewEvent['event'], { type: 'message.changed' }>['messages'][number];

interface Noted {
  readonly added: Added[];
  readonly changed: Changed[];
}

/** Messages in one event, and people whom they mention. */
const MAX_TOGETHER = 100;
const MAX_MENTIONS = 200;
/** Of what could not be told, so many are told with the next; of more a gap tells alone, and they keep nothing after them waiting. */
const MAX_AGAIN = 1_000;

export class MessageTeller {
  readonly #publish: Publish;
  #noted = new Map<string, Noted>();
  #next: Promise<void> | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  /** Resolves once it is told; what could not be is told with the next. `landed`: the messages of the batches that are in history. */
  tell(batches: readonly StoredChanges<ConversationChange>[], landed: readonly Landed[]): Promise<void> {
    const seqs = new Map(landed.map(({ id, seq }) => [id, seq]));
    for (const { documentId, changes } of batches) {
      for (const change of changes) this.#note(documentId, change, seqs);
    }
    if (this.#noted.size === 0) return Promise.resolve();
    this.#next ??= this.#running.then(() => this.#tellNoted());
    return this.#next;
  }

  /** Resolves once all that was to be told before is told, or could not be. */
  async told(): Promise<void> {
    await (this.#next ?? this.#running).catch(() => undefined);
  }

  #note(conversation: string, change: ConversationChange, seqs: ReadonlyMap<string, number>): void {
    const noted = this.#noted.get(conversation) ?? { added: [], changed: [] };
    if (change.type === 'message') {
      const { id, author, mentions = [] } = change.value;
      const seq = seqs.get(id);
      if (seq === undefined) return;
      noted.added.push({ id, seq, author, mentions: [...mentions] });
    } else noted.changed.push(changedBy(change));
    this.#noted.set(conversation, noted);
  }

  #tellNoted(): Promise<void> {
    const noted = this.#noted;
    this.#noted = new Map();
    this.#next = null;
    let isSure = false;
    const telling = this.#publish(
      [...noted].flatMap(([conversation, each]) => eventsOf(conversation, each)),
      () => {
        isSure = true;
      },
    );
    this.#running = telling.catch(() => {
      if (!isSure) this.#noteAgain(noted);
    });
    return telling;
  }

  /** It goes with the next, unless it is too much. */
  #noteAgain(before: ReadonlyMap<string, Noted>): void {
    const count = [...before.values()].reduce(
      (sum, { added, changed }) => sum + added.length + changed.length,
      0,
    );
    if (count > MAX_AGAIN) return;
    for (const [conversation, { added, changed }] of before) {
      const now = this.#noted.get(conversation) ?? { added: [], changed: [] };
      this.#noted.set(conversation, {
        added: [...added, ...now.added],
        changed: [...changed, ...now.changed],
      });
    }
  }
}

const changedBy = (change: Exclude<ConversationChange, { type: 'message' }>): Changed => {
  if (change.type === 'delete') return { id: change.message, change: 'deleted', by: change.by, mentions: [] };
  if (change.type !== 'edit')
    return { id: change.value.message, change: 'reactions', by: change.value.user, mentions: [] };
  const { message: id, author: by, mentions = [] } = change.value;
  return { id, change: 'edited', by, mentions: [...mentions] };
};

const eventsOf = (conversationId: string, { added, changed }: Noted): NewEvent[] => {
  const audiences = [conversationAudience(conversationId)];
  return [
    ...parts(added.toSorted((one, other) => one.seq - other.seq)).map((messages) => ({
      event: { type: 'message.added', conversationId, messages } as const,
      audiences,
    })),
    ...parts(changed).map((messages) => ({
      event: { type: 'message.changed', conversationId, messages } as const,
      audiences,
    })),
  ];
};

/** In their order, no part with too many messages or mentions: nodes keep thousands of events in memory. */
const parts = <T extends { readonly mentions: readonly string[] }>(all: readonly T[]): T[][] => {
  const cut: T[][] = [];
  let last: T[] = [];
  let mentions = 0;
  for (const each of all) {
    const isFull = last.length === MAX_TOGETHER || mentions + each.mentions.length > MAX_MENTIONS;
    if (cut.length === 0 || isFull) {
      last = [];
      cut.push(last);
      mentions = 0;
    }
    last.push(each);
    mentions += each.mentions.length;
  }
  return cut;
};
