// Who is in a world, and what the world is to them.
import type { DocumentMessage } from '@parley/shared';
import type { Api } from '../harness/api.js';
import type { Line } from '../harness/line.js';
import type { Ledger } from './ledger.js';
import type { Touch } from './life.js';

export interface Surroundings {
  /** Id of the conversation. */
  readonly room: string;
  readonly ledger: Ledger;
  /** Something happened that must never happen. */
  fault(text: string): void;
}

export interface Person {
  readonly world: Surroundings;
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly isAdmin: boolean;
  /** A session of its own that never ends, for procedures. */
  readonly api: Api;
  /** Has left, or was put out. */
  isOut: boolean;
  /** Rights that were ever taken: an honest message may have been refused. */
  wasLimited: boolean;
}

/** One client of a person. */
export interface Tab {
  readonly person: Person;
  readonly line: Line;
  /** What it shows. */
  readonly messages: readonly DocumentMessage[];
  /** Messages of others that it was ever shown. */
  readonly relayed: ReadonlySet<string>;
  /** Messages it has said that must be stored in the end. */
  readonly owed: ReadonlySet<string>;
  /** Whether nothing more is to come from the server, as far as it knows. */
  readonly isInStep: boolean;
  /** The id, or null where it cannot speak now. */
  say(text: string): string | null;
  change(what: Touch): void;
  /** Goes on with another session. */
  signIn(token: string): void | Promise<void>;
  reload(): void | Promise<void>;
  /** Tries to be there again. */
  connect(): void;
  close(): void;
}
