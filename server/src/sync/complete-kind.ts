// Owns what the engine does where a kind of documents leaves something to it. Does not own any kind.
import { AppError } from '@parley/shared';
import { copyDocument } from './copy-document.js';
import type { DocumentKind, DocumentPlace, DocumentView, Projected, StoredChanges } from './ports.js';

export type CompleteView<Change = unknown, Command = unknown> = Required<DocumentView<Change, Command>>;

/** A kind with an answer to everything the engine asks. */
export interface CompleteKind<Change = unknown, Command = unknown>
  extends Required<Omit<DocumentKind<Change, Command>, 'open' | 'project'>> {
  open(...at: Parameters<DocumentKind['open']>): Promise<CompleteView<Change, Command>>;
  project(batches: readonly StoredChanges<Change>[]): Promise<readonly Projected[]>;
}

/** The kind, with the engine's own answers where it has none. */
export const completeKind = (kind: DocumentKind): CompleteKind => ({
  name: kind.name,
  renewsWhileOpen: kind.renewsWhileOpen ?? false,
  authorize: (documentId, actor) => kind.authorize(documentId, actor),
  ruledBy: (documentId) => kind.ruledBy?.(documentId) ?? null,
  mayBegin: async (documentId) => (await kind.mayBegin?.(documentId)) ?? true,
  create: (doc, place) => kind.create?.(doc, place),
  renew: (from, to, place: DocumentPlace) => {
    if (kind.renew === undefined) copyDocument(from, to, place.clients.content);
    else kind.renew(from, to, place);
  },
  open: async (...at) => completeView(kind.name, await kind.open(...at)),
  idsIn: (update) => kind.idsIn?.(update) ?? [],
  project: async (batches) => (await kind.project?.(batches)) ?? [],
  flush: async (documentId, isLast) => kind.flush?.(documentId, isLast),
});

/** The view, with the engine's own answers where it has none. */
export const completeView = (kind: string, view: DocumentView): CompleteView => ({
  inspect: (update, facts) => view.inspect(update, facts),
  perform: (command) => {
    if (view.perform !== undefined) return view.perform(command);
    throw new AppError('INTERNAL', { logMessage: `documents of kind ${kind} take no commands` });
  },
  tidy: (position, projectedPosition) => view.tidy?.(position, projectedPosition),
  isUntidy: (projectedPosition) => view.isUntidy?.(projectedPosition) ?? false,
  learn: (projected) => view.learn?.(projected),
  sequenced: () => view.sequenced?.() ?? { ids: [], seqs: [] },
});
