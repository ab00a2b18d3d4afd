// Owns who is connected, by document and user. Does not own what happens to them.
import type { Connection } from './connection/connection.js';
import type { Crowd } from './ports.js';

export class Roster {
  readonly #documents = new Map<string, Map<string, Set<Connection>>>();
  /** Documents somebody is in, by the one whose rights hold there too. */
  readonly #ruled = new Map<string, Set<string>>();
  readonly #rulerOf: (documentId: string) => string | null;
  readonly #crowd: Crowd;

  constructor(rulerOf: (documentId: string) => string | null, crowd: Crowd) {
    this.#rulerOf = rulerOf;
    this.#crowd = crowd;
  }

  add(documentId: string, connection: Connection): void {
    const users = this.#documents.get(documentId) ?? new Map<string, Set<Connection>>();
    const theirs = users.get(connection.actor.userId) ?? new Set();
    this.#documents.set(documentId, users);
    users.set(connection.actor.userId, theirs.add(connection));
    this.#crowd.came(connection.actor.userId);
    const ruler = this.#rulerOf(documentId);
    if (ruler !== null) this.#ruled.set(ruler, (this.#ruled.get(ruler) ?? new Set()).add(documentId));
  }

  remove(documentId: string, connection: Connection): void {
    const users = this.#documents.get(documentId);
    const theirs = users?.get(connection.actor.userId);
    if (theirs?.delete(connection)) this.#crowd.left(connection.actor.userId);
    if (theirs?.size === 0) users?.delete(connection.actor.userId);
    if (users?.size === 0) this.#forget(documentId);
  }

  /** Documents that somebody is in and where the rights in this one hold too. */
  ruledBy(documentId: string): string[] {
    return [...(this.#ruled.get(documentId) ?? [])];
  }

  usersIn(documentId: string): string[] {
    return [...(this.#documents.get(documentId)?.keys() ?? [])];
  }

  /** A copy, as `all` gives it: whoever goes through it may close what it holds. */
  of(documentId: string, userId: string): Connection[] {
    return [...(this.#documents.get(documentId)?.get(userId) ?? [])];
  }

  #forget(documentId: string): void {
    this.#documents.delete(documentId);
    const ruler = this.#rulerOf(documentId);
    if (ruler === null) return;
    const ruled = this.#ruled.get(ruler);
    ruled?.delete(documentId);
    if (ruled?.size === 0) this.#ruled.delete(ruler);
  }

  all(): Connection[] {
    return [...this.#documents.values()].flatMap((users) =>
      [...users.values()].flatMap((theirs) => [...theirs]),
    );
  }
}
