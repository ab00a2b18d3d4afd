// A server with small bounds for files and a quick collector, and people who put files up there.
import type { UploadedFile } from '@parley/shared';
import type { Collection } from 'mongoose';
import { upload } from './files.js';
import { signUp, type TestPerson } from './kit.js';
import { type ServerOnStore, startServerOnStore } from './server-on-store.js';

export const FILE_QUOTA_BYTES = 2_000_000;

interface FileRow {
  readonly _id: string;
  readonly state: string;
  readonly expiresAt: Date;
  readonly dueAt: Date;
}

export interface FilesPlace extends ServerOnStore {
  readonly ada: TestPerson;
  readonly bob: TestPerson;
  /** In no conversation with anybody. */
  readonly eve: TestPerson;
  /** Of ada and bob. */
  readonly conversationId: string;
  readonly files: Collection<FileRow>;
  rowOf(fileId: string): Promise<FileRow | null>;
  /** A message of ada's with a file of those bytes. */
  sendFile(bytes: Uint8Array): Promise<UploadedFile>;
}

/** `name`: of a database of its own. */
export const startFilesPlace = async (name: string): Promise<FilesPlace> => {
  const on = await startServerOnStore(name, {
    fileBytes: 1_000_000,
    fileQuotaBytes: FILE_QUOTA_BYTES,
    uploadStallMs: 2_000,
    collectFilesMs: 50,
  });
  const { server } = on;
  const [ada, bob, eve] = await Promise.all([
    signUp(server, 'ada'),
    signUp(server, 'bob'),
    signUp(server, 'eve'),
  ]);
  const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
  const conversationId = conversation.id;
  const files = on.database.collection<FileRow>('files');
  return {
    ...on,
    ...{ ada, bob, eve, conversationId, files },
    rowOf: async (fileId) => await files.findOne({ _id: fileId }),
    sendFile: async (bytes) => {
      const file = await upload(server, ada, { conversationId, bytes, name: 'notes.txt' });
      await ada.api.messages.send.mutate({ conversationId, text: '', files: [file.id] });
      return file;
    },
  };
};
