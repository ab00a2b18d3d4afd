// Owns who is connected, by document and user. Does not own what happens to them.
import type { Connection } from './connection/connection.js';

export class Roster {
  readonly #documents = new Map<string, Map<string, Set<Connection>>>();

  add(documentId: string, connection: Connection): void {
    const users = this.#documents.get(documentId) ?? new Map<string, Set<Connection>>();
    const theirs = users.get(connection.actor.userId) ?? new Set();
    this.#documents.set(documentId, users);
    users.set(connection.actor.userId, theirs.add(connection));
  }

  remove(documentId: string, connection: Connection): void {
    const users = this.#documents.get(documentId);
    const theirs = users?.get(connection.actor.userId);
    theirs?.delete(connection);
    if (theirs?.size === 0) users?.delete(connection.actor.userId);
    if (users?.size === 0) this.#documents.delete(documentId);
  }

  usersIn(documentId: string): string[] {
    return [...(this.#documents.get(documentId)?.keys() ?? [])];
  }

  /** A copy, as `all` gives it: whoever goes through it may close what it holds. */
  of(documentId: string, userId: string): Connection[] {
    return [...(this.#documents.get(documentId)?.get(userId) ?? [])];
  }

  all(): Connection[] {
    return [...this.#documents.values()].flatMap((users) =>
      [...users.values()].flatMap((theirs) => [...theirs]),
    );
  }
}
