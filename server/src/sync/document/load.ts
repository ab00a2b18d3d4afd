// Owns bringing a document from the store into memory, or making it when it is new.
// Does not own what happens to it afterwards (live-document.ts).
import { AppError, newId } from '@parley/shared';
import * as Y from 'yjs';
import type { CompleteKind } from '../complete-kind.js';
import type { ClientBinding, DocumentRow, LogRow } from '../log/log.models.js';
import type { LogStore, SnapshotInput, StoredDocument } from '../log/log-store.js';
import type { LogWriter } from '../log/log-writer.js';
import type { DocumentPlace } from '../ports.js';
import type { Projector } from '../projection/projector.js';
import { markGeneration, serverClients } from '../server-clients.js';
import { inTransaction, type Loaded } from './batch.js';

/** The engine's other rooms, as far as a document needs them. */
export interface LoadDeps {
  readonly store: Pick<LogStore, 'read' | 'snapshot' | 'compact' | 'renew' | 'remove'>;
  readonly writer: Pick<LogWriter, 'append'>;
  readonly projector: Pick<Projector, 'project' | 'hurry' | 'flush' | 'room'>;
}

/** While nobody writes, the document carries this client id, under which nothing is ever written. */
const NOBODY = 0;

/** An update that changes nothing. */
export const NOTHING = new Uint8Array([0, 0]);

/** How often a document that is being made elsewhere at the same moment is read again. */
const MAX_TRIES = 3;

/**
 * Loads the document: snapshot, then the log after it; first lets history catch up with the log.
 * Throws INTERNAL for a damaged log, NOT_FOUND where its kind does not let it begin, and UNAVAILABLE when the store does not take the
 * first entry.
 */
export const loadDocument = async (
  deps: LoadDeps,
  kind: CompleteKind,
  documentId: string,
): Promise<Loaded> => {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const stored = await deps.store.read(documentId, kind.name);
    if (stored.entries.at(-1)?.closes === true) {
      // Whoever closed the generation did not get to begin the next.
      await beginNext(deps, kind, stored);
      continue;
    }
    if (stored.snapshot !== null || stored.entries.length > 0) return restore(deps, kind, stored);
    if (!(await kind.mayBegin(documentId))) {
      // Its row was made by the question.
      await deps.store.remove(documentId);
      throw new AppError('NOT_FOUND');
    }
    const outcome = await deps.writer.append(firstEntry(kind, stored));
    if (outcome === 'failed') throw new AppError('UNAVAILABLE');
  }
  throw new AppError('UNAVAILABLE', { logMessage: `document ${documentId} could not be made` });
};

const firstEntry = (kind: CompleteKind, { row }: StoredDocument): LogRow => {
  const doc = emptyDocument();
  const place = placeOf(row);
  const bytes = inTransaction(doc, () => {
    kind.create(doc, place);
    markGeneration(doc, place.clients);
  });
  doc.destroy();
  return {
    document: row._id,
    generation: row.generation,
    position: 1,
    batch: newId(),
    at: new Date(),
    bytes: Buffer.from(bytes ?? NOTHING),
    bindings: [],
    changes: [],
  };
};

/** Begins the generation after one that was closed. */
const beginNext = async (deps: LoadDeps, kind: CompleteKind, stored: StoredDocument): Promise<void> => {
  await catchUp(deps.projector, kind, stored);
  await deps.projector.flush(stored.row._id);
  const doc = docOf(stored);
  await deps.store.renew(nextGeneration(kind, doc, { row: stored.row, position: positionOf(stored) }));
  doc.destroy();
};

/** The first snapshot of the generation after the one whose last position is given. */
export const nextGeneration = (
  kind: CompleteKind,
  from: Y.Doc,
  { row, position }: { row: Pick<DocumentRow, '_id' | 'generation'>; position: number },
): SnapshotInput => {
  const generation = row.generation + 1;
  const doc = emptyDocument();
  const place = placeOf({ _id: row._id, generation });
  const state = inTransaction(doc, () => {
    kind.renew(from, doc, place);
    markGeneration(doc, place.clients);
  });
  doc.destroy();
  return { document: row._id, generation, position, state: state ?? NOTHING, bindings: [] };
};

const restore = async (deps: LoadDeps, kind: CompleteKind, stored: StoredDocument): Promise<Loaded> => {
  const { row, snapshot, entries } = stored;
  const position = positionOf(stored);
  await catchUp(deps.projector, kind, stored);
  const doc = docOf(stored);
  return {
    doc,
    view: await kind.open(doc, placeOf(row), position),
    owners: ownersFrom([...(snapshot?.bindings ?? []), ...entries.flatMap((entry) => entry.bindings)]),
    generation: row.generation,
    position,
    snapshotPosition: snapshot?.position ?? 0,
    projectedPosition: position,
    stateBytes: snapshot?.state.length ?? 0,
  };
};

const placeOf = ({ _id, generation }: Pick<DocumentRow, '_id' | 'generation'>): DocumentPlace => ({
  documentId: _id,
  clients: serverClients(generation),
});

const positionOf = ({ snapshot, entries }: StoredDocument): number =>
  Math.max(snapshot?.position ?? 0, entries.at(-1)?.position ?? 0);

const docOf = ({ row, snapshot, entries }: StoredDocument): Y.Doc => {
  const doc = emptyDocument();
  doc.transact(() => {
    if (snapshot !== null) Y.applyUpdate(doc, snapshot.state);
    for (const entry of entries)
      if (entry.position > (snapshot?.position ?? 0)) Y.applyUpdate(doc, entry.bytes);
  });
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
    throw new AppError('INTERNAL', { logMessage: `the log of document ${row._id} does not fit together` });
  }
  return doc;
};

const catchUp = async (
  projector: LoadDeps['projector'],
  kind: CompleteKind,
  { row, entries }: StoredDocument,
): Promise<void> => {
  const behind = entries.filter((entry) => entry.position > row.projectedPosition);
  const projected = behind.map(({ position, at, changes }) =>
    projector.project(kind, { documentId: row._id, position, at, changes }),
  );
  if (projected.length > 0) projector.hurry();
  await Promise.all(projected);
};

const emptyDocument = (): Y.Doc => {
  const doc = new Y.Doc();
  doc.clientID = NOBODY;
  return doc;
};

/** Owners by client id, from how they are stored. */
const ownersFrom = (bindings: readonly ClientBinding[]): Map<number, string> =>
  new Map(bindings.flatMap(({ user, clients }) => clients.map((client) => [client, user] as const)));

/** Owners as they are stored: one row a user. */
export const bindingsOf = (owners: ReadonlyMap<number, string>): ClientBinding[] => {
  const byUser = new Map<string, number[]>();
  for (const [client, user] of owners) {
    const clients = byUser.get(user);
    if (clients === undefined) byUser.set(user, [client]);
    else clients.push(client);
  }
  return [...byUser].map(([user, clients]) => ({ user, clients }));
};
