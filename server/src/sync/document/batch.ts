// Owns what happens to a handful of waiting work in one Yjs transaction: judge, apply, settle, tidy.
// Does not own the queue, the log, or who is told.
import { limits } from '@parley/shared';
import * as Y from 'yjs';
import type { Presence } from '../awareness/presence.js';
import type { CompleteKind, CompleteView } from '../complete-kind.js';
import { type DecodedUpdate, decodeUpdate, MalformedUpdate } from '../guard/decode-update.js';
import { judge } from '../guard/judge.js';
import { type ActorFacts, type Refused, refuse } from '../ports.js';
import type { Deferred } from '../timing.js';
import type { Peer } from './peer.js';

export interface UpdateWork {
  readonly type: 'update';
  readonly peer: Peer;
  /** Which of the peer's updates on this connection, from 1. */
  readonly nth: number;
  readonly bytes: Uint8Array;
}

export interface CommandWork {
  readonly type: 'command';
  readonly command: unknown;
  /** Settled once the change is stored, with whether there was one. */
  readonly done: Deferred<boolean>;
}

export type Work = UpdateWork | CommandWork;

/** A document in memory with all that is known of it. `owners`: the user each client id is bound to. */
export interface Loaded {
  readonly doc: Y.Doc;
  readonly view: CompleteView;
  readonly owners: Map<number, string>;
  readonly generation: number;
  position: number;
  snapshotPosition: number;
  projectedPosition: number;
  /** What the whole document took when it was last encoded, for a snapshot; 0 before the first. */
  stateBytes: number;
}

export interface Batch {
  /** How much of the work was taken in; the rest is for the next batch. */
  readonly taken: number;
  /** What the transaction did, or null when it changed nothing. */
  readonly bytes: Uint8Array | null;
  readonly changes: readonly unknown[];
  /** Client ids that got their owner in this batch. */
  readonly newOwners: ReadonlyMap<number, string>;
  readonly refusals: readonly {
    readonly work: UpdateWork;
    readonly refused: Refused;
    readonly messages: readonly string[];
  }[];
  /** Commands that meant something. */
  readonly effective: ReadonlySet<CommandWork>;
  /** Commands that threw; they changed nothing. */
  readonly failures: readonly { readonly work: CommandWork; readonly error: unknown }[];
}

/** The guard let something through that Yjs could not take in whole. The document in memory must be thrown away. */
export class GuardFailed extends Error {
  readonly work: Work;

  constructor(work: Work, cause: unknown) {
    super('an accepted change could not be applied', { cause });
    this.name = 'GuardFailed';
    this.work = work;
  }
}

/** A few bytes can delete much: an entry of the log must stay far below what a row can hold. */
const MAX_BATCH_CHANGES = 5_000;

const decodeLimits = {
  maxStructs: limits.updateStructs.value,
  maxDeletes: limits.updateDeletes.value,
  maxDepth: limits.valueDepth.value,
  maxValues: limits.updateValues.value,
};

/**
 * Carries out the work in order, in one transaction. What is refused or fails leaves no trace.
 * Throws GuardFailed when the document can no longer be trusted.
 */
export const runBatch = (
  kind: CompleteKind,
  loaded: Loaded,
  presence: Presence,
  works: readonly Work[],
): Batch => {
  const { doc, view, owners } = loaded;
  let taken = 0;
  const changes: unknown[] = [];
  const newOwners = new Map<number, string>();
  const refusals: { work: UpdateWork; refused: Refused; messages: readonly string[] }[] = [];
  const effective = new Set<CommandWork>();
  const failures: { work: CommandWork; error: unknown }[] = [];

  const takeUpdate = (work: UpdateWork): void => {
    const { actor, access } = work.peer;
    const decoded = decode(work.bytes);
    if ('ok' in decoded) {
      refusals.push({ work, refused: decoded, messages: [] });
      return;
    }
    const facts: ActorFacts = {
      actor,
      access,
      atMs: Date.now(),
      ownerOf: (client) => owners.get(client),
      clientsOfActor: () => countOf(owners, actor.userId),
      shownBy: (client) => presence.userOf(client),
    };
    const judged = judge(doc, decoded, facts);
    const verdict = 'ok' in judged ? judged : view.inspect(judged, facts);
    if (!verdict.ok) {
      refusals.push({ work, refused: verdict, messages: kind.idsIn(decoded) });
      return;
    }
    if ('ok' in judged) return;
    if (judged.items.length === 0 && judged.deletes.length === 0) return;
    try {
      Y.applyUpdate(doc, work.bytes, work.peer);
      if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null)
        throw new Error('structs are left over');
      changes.push(...verdict.settle());
    } catch (error) {
      throw new GuardFailed(work, error);
    }
    for (const client of judged.newClients) {
      owners.set(client, actor.userId);
      newOwners.set(client, actor.userId);
    }
  };

  const takeCommand = (work: CommandWork): void => {
    try {
      const made = view.perform(work.command);
      if (made.length > 0) effective.add(work);
      changes.push(...made);
    } catch (error) {
      failures.push({ work, error });
    }
  };

  const bytes = inTransaction(doc, () => {
    for (const work of works) {
      if (changes.length >= MAX_BATCH_CHANGES) break;
      if (work.type === 'update') takeUpdate(work);
      else takeCommand(work);
      taken += 1;
    }
    view.tidy(loaded.position + 1, loaded.projectedPosition);
  });
  return { taken, bytes, changes, newOwners, refusals, effective, failures };
};

/** Runs the body in one transaction and returns what it did as one update, or null when it did nothing. */
export const inTransaction = (doc: Y.Doc, body: () => void): Uint8Array | null => {
  let bytes: Uint8Array | null = null;
  const note = (update: Uint8Array): void => {
    bytes = update;
  };
  doc.on('update', note);
  try {
    doc.transact(body);
  } finally {
    doc.off('update', note);
  }
  return bytes;
};

const countOf = (owners: ReadonlyMap<number, string>, userId: string): number => {
  let count = 0;
  for (const owner of owners.values()) if (owner === userId) count += 1;
  return count;
};

const decode = (bytes: Uint8Array): DecodedUpdate | Refused => {
  try {
    return decodeUpdate(bytes, decodeLimits);
  } catch (error) {
    if (error instanceof MalformedUpdate) return refuse('D1', error.reason, 'MALFORMED_UPDATE');
    throw error;
  }
};
