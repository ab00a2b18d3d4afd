// What everything about files is given.
import type { KeyObject } from 'node:crypto';
import type { Logger } from '../../platform/logger.js';
import type { ConversationsService } from '../conversations/index.js';
import type { UsersService } from '../users/index.js';
import type { FileModel } from './file.model.js';
import type { FileBytes } from './file-bytes.js';
import type { FileClaimModel } from './file-claim.model.js';
import type { LookInto } from './images.js';

/** What live conversations know of files that are in no message; the sync engine implements it. */
export interface LiveFiles {
  /** From now on the owner may put the file into a message. May be repeated. */
  offer(conversationId: string, file: { readonly id: string; readonly owner: string }): Promise<void>;
  /** From now on nobody may. Rejects with CONFLICT where it is in one already. May be repeated. */
  withdraw(conversationId: string, fileId: string): Promise<void>;
  /** Resolves when history holds what members have seen so far, or after a moment. */
  settled(conversationId: string): Promise<void>;
}

export interface FilesParts {
  readonly files: FileModel;
  readonly fileClaims: FileClaimModel;
  readonly bytes: FileBytes;
  readonly lookInto: LookInto;
  readonly conversations: Pick<ConversationsService, 'access' | 'getAccess'>;
  /** Whether there is such a conversation, and it is not being removed. */
  readonly isAlive: (conversationId: string) => Promise<boolean>;
  readonly users: Pick<UsersService, 'people'>;
  readonly live: LiveFiles;
  /** Signs what lets somebody put or fetch bytes. */
  readonly key: KeyObject;
  readonly log: Logger;
  /** Told when there are files whose bytes can go. */
  readonly removed: () => void;
  readonly fileBytes: number;
  readonly fileQuotaBytes: number;
  readonly unattachedFileMs: number;
  readonly uploadStallMs: number;
}
