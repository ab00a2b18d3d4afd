// Owns which client ids are the server's own, and in which generation of a document it writes with which of them.
// Other ids in every generation: who shows one of an earlier generation has a copy of that.
import * as Y from 'yjs';

/** What a kind writes under one id merges only with its like, so it may have several; see segments.ts of conversations. */
const ROLES = 4;
/** After so many generations the ids come again. Nobody stays away for so long, and a client that does is refused all the same. */
const GENERATIONS = 256;

/** The ids the server writes with in one generation. */
export interface ServerClients {
  readonly structure: number;
  readonly content: number;
  readonly meta: number;
}

/** The ids of a generation, counted from 1. */
export const serverClients = (generation: number): ServerClients => {
  const first = 1 + ((generation - 1) % GENERATIONS) * ROLES;
  return { structure: first, content: first + 1, meta: first + 2 };
};

/** Changes the document under that client id, and goes on under the one before. */
export const writeAs = <T>(doc: Y.Doc, client: number, body: () => T): T => {
  const before = doc.clientID;
  doc.clientID = client;
  try {
    return body();
  } finally {
    doc.clientID = before;
  }
};

/**
 * Sees to it that a copy of this generation can be told from others (N3), even where the server had nothing to write: a struct
 * under one of its ids that holds nothing and shows nowhere.
 */
export const markGeneration = (doc: Y.Doc, clients: ServerClients): void => {
  if ([...doc.store.clients.keys()].some(isServerClient)) return;
  doc.transact((transaction) => new Y.GC(Y.createID(clients.meta, 0), 1).integrate(transaction, 0));
};

/** Whether an id is kept for the server, in whichever generation. */
export const isServerClient = (client: number): boolean => client >= 1 && client <= ROLES * GENERATIONS;

/** Whether a copy that has something by these clients is of another generation than this. */
export const isOfOtherGeneration = (clients: readonly number[], generation: number): boolean => {
  const own = serverClients(generation);
  for (const client of clients) {
    if (isServerClient(client) && (client < own.structure || client >= own.structure + ROLES)) return true;
  }
  return false;
};
