// Owns which changes of messages wait to be carried out, in memory and in the storage, and which takes another's place. Does not
// own when they are tried.
import type { Deferred } from '@parley/shared';
import type { Storage } from '../storage/storage.js';
import { StoredMap } from '../storage/stored-map.js';
import { changeFromStored, type MessageChange, slotOf } from './message-change.js';

/** A change that waits. */
export interface Entry {
  readonly change: MessageChange;
  /** Who waits for it, or for one whose place it took. */
  readonly waiting: Deferred<void>[];
  /** A restart, or another client on the storage, would find it. */
  isKept: boolean;
  /** May have been carried out already, by a call whose answer was lost. */
  isDoubtful: boolean;
}

export class ChangeBook {
  readonly #stored: StoredMap<MessageChange>;
  /** By slot, in the order they are to be tried. */
  readonly #entries = new Map<string, Entry>();

  /** `name`: where the storage keeps them. */
  constructor(storage: Storage, name: string) {
    this.#stored = new StoredMap({
      storage,
      name,
      keyOf: slotOf,
      toStored: (change) => change,
      fromStored: changeFromStored,
    });
  }

  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  /** Nothing can become of a message that is to be deleted. */
  isDeleting(messageId: string): boolean {
    return this.#entries.get(messageId)?.change.act === 'delete';
  }

  /** Takes up what an earlier run left, beside what was said since. */
  async load(): Promise<void> {
    const earlier = (await this.#stored.read()) ?? new Map<string, MessageChange>();
    for (const [slot, change] of earlier) {
      if (this.#entries.has(slot)) continue;
      if (this.isDeleting(change.input.id)) this.#forget(change);
      else this.#entries.set(slot, { change, waiting: [], isKept: true, isDoubtful: true });
    }
  }

  /** In the place of what it makes void: who waited for that waits for it, unless that is being tried just now. */
  put(change: MessageChange, first: Deferred<void>, running: Entry | null): void {
    const replaced = this.entries.filter((each) => makesVoid(change, each.change));
    for (const each of replaced) this.drop(each);
    const entry: Entry = {
      change,
      waiting: [...replaced.flatMap((each) => (each === running ? [] : each.waiting)), first],
      isKept: false,
      isDoubtful: replaced.some(({ isDoubtful }) => isDoubtful),
    };
    this.#entries.set(slotOf(change), entry);
    void this.#stored.put(change).then((isKept) => {
      entry.isKept = isKept;
    });
  }

  /** Whether nothing has been said since that makes it void. */
  isLatest(entry: Entry): boolean {
    return this.#entries.get(slotOf(entry.change)) === entry;
  }

  /** Takes it out, if it is still in. */
  drop(entry: Entry): void {
    if (!this.isLatest(entry)) return;
    this.#entries.delete(slotOf(entry.change));
    this.#forget(entry.change);
  }

  /** Behind the others, so that one that fails again and again holds up nobody. */
  putLast(entry: Entry): void {
    if (!this.isLatest(entry)) return;
    const slot = slotOf(entry.change);
    this.#entries.delete(slot);
    this.#entries.set(slot, entry);
  }

  /** Those who wait for one that was made void while it was tried wait for its heir; whether there is one. */
  handOver(entry: Entry): boolean {
    const heir = this.entries.find((each) => each !== entry && makesVoid(each.change, entry.change));
    if (heir === undefined) return false;
    heir.waiting.push(...entry.waiting);
    heir.isDoubtful ||= entry.isDoubtful;
    return true;
  }

  /** Another client on the storage has carried it out, or put a later one in its place; ours would undo that. */
  async isOvertaken({ change, isKept }: Entry): Promise<boolean> {
    const stored = isKept ? await this.#stored.read() : null;
    return stored !== null && stored.get(slotOf(change))?.at !== change.at;
  }

  /** What another client has put in its place stays. */
  #forget(change: MessageChange): void {
    void this.#stored.remove(slotOf(change), ({ at }) => at === change.at);
  }
}

/** A later word of the same slot; and a deleted message has neither another text nor reactions. */
const makesVoid = (later: MessageChange, earlier: MessageChange): boolean =>
  later.input.id === earlier.input.id && (later.act === 'delete' || slotOf(later) === slotOf(earlier));
