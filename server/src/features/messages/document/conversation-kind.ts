// Owns teaching the sync engine what a conversation is.
import { readWindow } from '@parley/shared';
import type * as Y from 'yjs';
import type {
  Actor,
  DecodedUpdate,
  DocumentKind,
  DocumentPlace,
  Projected,
  StoredChanges,
} from '../../../sync/index.js';
import { type ConversationAccess, rightsOf } from '../../conversations/index.js';
import type { MessageRow } from '../message.model.js';
import type { ConversationChange, ConversationCommand } from './changes.js';
import { ConversationView, type WindowOptions } from './conversation-view.js';
import { type HistoryParts, HistoryProjector } from './project.js';
import { copyWindow, openSegment, writeWindow } from './segments.js';

export interface ConversationKindOptions extends WindowOptions, HistoryParts {
  /** What the user may do in the conversation; 'forbidden' where it is known to exist, null where it is not. */
  readonly access: (
    conversationId: string,
    userId: string,
  ) => Promise<ConversationAccess | 'forbidden' | null>;
}

/** As many ids as a refusal names. */
const MAX_NAMED = 100;

export interface ConversationsKind extends DocumentKind<ConversationChange, ConversationCommand> {
  /** Resolves once members were told of all messages that are in history by now. */
  told(): Promise<void>;
}

/** The document kind of every conversation: direct, group or room. */
export const createConversationKind = (options: ConversationKindOptions): ConversationsKind => {
  const history = new HistoryProjector(options);
  return {
    name: 'conversation',
    renewsWhileOpen: true,

    async authorize(documentId: string, actor: Actor) {
      return rightsOf(await options.access(documentId, actor.userId));
    },

    async mayBegin(documentId: string) {
      return (await options.models.conversations.exists({ _id: documentId, deletedAt: null })) !== null;
    },

    create(doc: Y.Doc, { documentId, clients }: DocumentPlace): void {
      writeWindow(doc, clients, { conversation: documentId, startSeq: 1 });
      openSegment(doc, clients);
    },

    renew(from: Y.Doc, to: Y.Doc, { documentId, clients }: DocumentPlace): void {
      const startSeq = readWindow(from)?.startSeq ?? 1;
      copyWindow(from, to, clients, { conversation: documentId, startSeq });
    },

    async open(doc: Y.Doc, place: DocumentPlace, position: number) {
      const { documentId } = place;
      const { messages, conversations } = options.models;
      const view = new ConversationView(doc, place, {
        options,
        position,
        startSeq: readWindow(doc)?.startSeq ?? 1,
        files: await options.files.known(documentId),
      });
      const [numbered, conversation] = await Promise.all([
        messages
          .find({ _id: { $in: view.ids } }, { seq: 1, deletedAt: 1, author: 1, receivedAt: 1, system: 1 })
          .lean<MessageRow[]>(),
        conversations.findById(documentId, { slowModeMs: 1 }).lean(),
      ]);
      // A process that ended in the middle of it has left some that is not found.
      options.searchIndex.note(documentId);
      view.slow.set(conversation?.slowModeMs ?? 0, Date.now());
      for (const { author, receivedAt, system } of numbered)
        if (system === null) view.slow.note(author, receivedAt.getTime());
      const sequenced = numbered.map((row) => ({ id: row._id, seq: row.seq }));
      // Deleted before, and sent again just before a crash.
      const repeated = numbered.filter(({ deletedAt }) => deletedAt !== null).map((row) => row._id);
      view.learn({ documentId, sequenced, repeated, changed: [] });
      return view;
    },

    project: (batches: readonly StoredChanges<ConversationChange>[]): Promise<readonly Projected[]> =>
      history.project(batches),

    flush: (documentId, isLast) => history.flush(documentId, isLast),

    told: () => history.told(),

    idsIn: messageIdsIn,
  };
};

/** Ids of the chat messages in an update, as far as it can be read. */
const messageIdsIn = (update: DecodedUpdate): string[] => {
  const ids: string[] = [];
  for (const { structs } of update.blocks) {
    for (const struct of structs) {
      if (struct.kind !== 'item' || struct.content.kind !== 'any') continue;
      for (const value of struct.content.values) {
        if (ids.length === MAX_NAMED) return ids;
        if (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string')
          ids.push(value.id);
      }
    }
  }
  return ids;
};
