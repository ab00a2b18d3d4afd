// What was said and tried in a world, in plain maps, and what history may therefore hold. Knows neither documents nor servers.
import type { Message } from '@parley/shared';

export type Ending = 'done' | 'refused' | 'unknown';

/** Something that is being changed; `end` says what is known of it. Who never learns, never ends it. */
export interface Change {
  end(how: Ending): void;
}

/** One value, and which it may be: exactly one while changes come one after another and are answered. */
class Register<T> {
  possible: Set<T>;
  readonly #open = new Set<{ alone: boolean }>();

  constructor(value: T) {
    this.possible = new Set([value]);
  }

  begin(value: T): Change {
    const flight = { alone: this.#open.size === 0 };
    const before = this.possible;
    for (const other of this.#open) other.alone = false;
    this.#open.add(flight);
    this.possible = new Set([...before, value]);
    return {
      end: (how) => {
        if (how !== 'unknown') this.#open.delete(flight);
        if (how === 'done' && flight.alone) this.possible = new Set([value]);
        if (how === 'refused' && flight.alone) this.possible = before;
      },
    };
  }
}

interface Said {
  readonly author: string;
  readonly text: Register<string>;
  readonly deleted: Register<boolean>;
  /** By "user emoji". */
  readonly reactions: Map<string, Register<boolean>>;
  /** Whether somebody was told that it is stored. */
  acknowledged: boolean;
}

/** How a message is changed. */
export type Attempt =
  | { readonly act: 'edit'; readonly text: string }
  | { readonly act: 'delete' }
  | { readonly act: 'react' | 'unreact'; readonly user: string; readonly emoji: string };

export class Ledger {
  readonly #said = new Map<string, Said>();
  /** Who may say what we do not know of. */
  readonly #liar: string;

  constructor(liar: string) {
    this.#liar = liar;
  }

  said(id: string, author: string, text: string): void {
    const message = { author, text: new Register(text), deleted: new Register(false), reactions: new Map() };
    this.#said.set(id, { ...message, acknowledged: false });
  }

  acknowledged(id: string): void {
    const said = this.#said.get(id);
    if (said !== undefined) said.acknowledged = true;
  }

  /** Somebody tries to change a message. Those of the liar are not followed. */
  attempt(id: string, attempt: Attempt): Change {
    const said = this.#said.get(id);
    if (said === undefined) return { end: () => undefined };
    if (attempt.act === 'edit') return said.text.begin(attempt.text);
    if (attempt.act === 'delete') return said.deleted.begin(true);
    const key = `${attempt.user} ${attempt.emoji}`;
    const register = said.reactions.get(key) ?? new Register(false);
    said.reactions.set(key, register);
    return register.begin(attempt.act === 'react');
  }

  /** Everything in which history says something else than it may. */
  faultsOf(history: readonly Message[]): string[] {
    const faults: string[] = [];
    const rows = new Map(history.map((row) => [row.id, row]));
    if (rows.size !== history.length) faults.push('a message is in history twice');
    for (const [index, row] of history.entries())
      if (row.seq !== index + 1) faults.push(`number ${row.seq} stands where ${index + 1} should be`);
    for (const [id, said] of this.#said)
      if (said.acknowledged && !rows.has(id))
        faults.push(`${id} was acknowledged and is not in history: ${textsOf(said)}`);
    for (const row of history) faults.push(...this.#faultsOfRow(row));
    return faults;
  }

  #faultsOfRow(row: Message): string[] {
    const said = this.#said.get(row.id);
    if (said === undefined) return row.author.id === this.#liar ? [] : [`nobody said ${row.id}: ${row.text}`];
    const faults: string[] = [];
    const isDeleted = row.deletedAt !== null;
    if (row.author.id !== said.author) faults.push(`${row.id} is ${said.author}'s, not ${row.author.id}'s`);
    if (!said.deleted.possible.has(isDeleted))
      faults.push(`${row.id} is ${isDeleted ? 'deleted' : 'still there'}: ${textsOf(said)}`);
    if (isDeleted) return faults;
    if (!said.text.possible.has(row.text))
      faults.push(`${row.id} says "${row.text}", it may say: ${textsOf(said)}`);
    return [...faults, ...this.#faultsOfReactions(row, said)];
  }

  #faultsOfReactions(row: Message, said: Said): string[] {
    const shown = new Set(
      Object.entries(row.reactions).flatMap(([emoji, users]) => users.map((user) => `${user} ${emoji}`)),
    );
    const all = new Set([...shown, ...said.reactions.keys()]);
    return [...all]
      .filter((key) => !key.startsWith(this.#liar))
      .filter((key) => !(said.reactions.get(key)?.possible ?? NEVER).has(shown.has(key)))
      .map((key) => `${row.id}: reaction "${key}" is ${shown.has(key) ? 'there' : 'gone'}`);
  }
}

const NEVER: ReadonlySet<boolean> = new Set([false]);

const textsOf = ({ text }: Said): string => [...text.possible].map((each) => `"${each}"`).join(' or ');
