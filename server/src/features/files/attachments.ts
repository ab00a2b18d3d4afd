// Owns what conversations need to know of files, and what becomes of files as messages come and go.
import { limits, type MessageFile } from '@parley/shared';
import type { QueryFilter } from 'mongoose';
import { findByKeys, uncast } from '../../platform/rows.js';
import type { FileModel, FileRow, FileState } from './file.model.js';
import { markRemoving } from './remove-file.js';

/** A file that is in no message, or in the one that is named. */
export interface KnownFile {
  readonly id: string;
  readonly owner: string;
  readonly message: string | null;
}

/** Files that are in a message of history now. */
export interface AttachedFiles {
  readonly conversation: string;
  readonly message: string;
  readonly seq: number;
  readonly author: string;
  readonly files: readonly string[];
}

export interface Attachments {
  /** Those of the conversation that may be put into messages, and those that were put into one last. */
  known(conversationId: string): Promise<KnownFile[]>;
  /** May be repeated. What is not the author's, of that conversation and in no message stays as it is. */
  attach(attached: readonly AttachedFiles[]): Promise<void>;
  /** The files of messages that are deleted go. May be repeated. */
  removeOf(messageIds: readonly string[]): Promise<void>;
  /** What is to be said of files in messages; nothing of those that are gone without a trace. */
  show(fileIds: readonly string[]): Promise<ReadonlyMap<string, MessageFile>>;
}

/** As many as may be sent again by somebody who does not know that they were stored. */
const KNOWN_ATTACHED = 200;

/** `removing`: told when there are files whose bytes can go. */
export const createAttachments = (files: FileModel, removing: () => void): Attachments => ({
  known: async (conversation) => {
    const fields = { owner: 1, message: 1 };
    const free = files
      .find({ conversation, state: 'stored' satisfies FileState }, fields)
      .limit(2 * limits.filesWaitingPerConversation.value)
      .lean();
    const attached = files
      .find({ conversation, state: 'attached' satisfies FileState }, fields)
      .sort({ seq: -1, _id: -1 })
      .limit(KNOWN_ATTACHED)
      .lean();
    const rows = [...(await free), ...(await attached)];
    return rows.map(({ _id, owner, message }) => ({ id: _id, owner, message }));
  },
  attach: async (attached) => {
    if (attached.length === 0) return;
    await uncast(files).bulkWrite(attached.map(attachment), { ordered: false });
  },
  removeOf: async (messageIds) => {
    if (await markRemoving({ files }, filesOf({ messages: messageIds }))) removing();
  },
  show: async (fileIds) => {
    const rows = await findByKeys([...new Set(fileIds)], (some) =>
      files.find({ _id: { $in: some }, state: { $ne: 'removing' } }).lean<FileRow[]>(),
    );
    return new Map(rows.map((row) => [row._id, toMessageFile(row)]));
  },
});

/** One that is being collected was put into the message before. From now on its own time counts, if it has one. */
const attachment = ({ conversation, message, seq, author, files }: AttachedFiles) => ({
  updateMany: {
    filter: {
      _id: { $in: [...files] },
      ...{ owner: author, conversation },
      state: { $in: ['stored', 'collecting'] satisfies FileState[] },
    },
    update: [{ $set: { state: 'attached' satisfies FileState, message, seq, dueAt: '$expiresAt' } }],
  },
});

const toMessageFile = ({ _id, name, size, type, image, state, expiresAt }: FileRow): MessageFile => {
  const gone = state === 'expired' || isOver(expiresAt);
  return {
    ...{ id: _id, name, size, type: type ?? 'application/octet-stream' },
    ...{ image: gone ? null : image, gone },
  };
};

/** The conversation as a whole, or some messages, wherever they are. */
export type FilesOf = { readonly conversation: string } | { readonly messages: readonly string[] };

/** Those of its files that somebody may see still. */
export const filesOf = (which: FilesOf): QueryFilter<FileRow> => ({
  ...('messages' in which ? { message: { $in: [...which.messages] } } : { conversation: which.conversation }),
  state: { $ne: 'removing' },
});

/** Whether its time was over, wherever the collector is. */
export const isOver = (expiresAt: Date | null): boolean =>
  expiresAt !== null && expiresAt.getTime() <= Date.now();
