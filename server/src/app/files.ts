// Owns wiring files: what messages need of them, their service, and when they are looked after.
import type { KeyObject } from 'node:crypto';
import { limits } from '@parley/shared';
import type { Connection } from 'mongoose';
import type { Settings } from '../config/index.js';
import type { ConversationsService } from '../features/conversations/index.js';
import {
  type Attachments,
  Collector,
  createAttachments,
  createFileBytes,
  createFilesService,
  createLookInto,
  type FilesService,
} from '../features/files/index.js';
import type { UsersService } from '../features/users/index.js';
import type { Logger } from '../platform/logger.js';
import type { Live } from './documents.js';
import type { Models } from './store.js';

interface FilesWiring {
  readonly settings: Settings;
  readonly log: Logger;
  readonly connection: Connection;
  readonly models: Models;
  readonly users: UsersService;
  readonly key: KeyObject;
  /** Both are made later than this. */
  readonly live: () => Live;
  readonly conversations: () => ConversationsService;
}

export interface Files {
  readonly attachments: Attachments;
  readonly service: FilesService;
  readonly collector: Collector;
  readonly uploadStallMs: number;
  readonly fileBytes: number;
}

export const createFiles = (parts: FilesWiring): Files => {
  const { settings, log, connection, models, users, key, live, conversations } = parts;
  const uploadStallMs = settings.uploadStallMs ?? limits.uploadStallMs.value;
  const fileBytes = settings.fileBytes ?? limits.fileBytes.value;
  const collector = new Collector({
    ...{ log, everyMs: settings.collectFilesMs },
    collect: () => service.collect(),
  });
  const attachments = createAttachments(models.files, () => collector.soon());
  const service = createFilesService({
    ...{ files: models.files, fileClaims: models.fileClaims, users, key, log, uploadStallMs },
    bytes: createFileBytes(connection),
    lookInto: createLookInto(log),
    conversations: {
      access: (conversationId, userId) => conversations().access(conversationId, userId),
      getAccess: (conversationId, userId) => conversations().getAccess(conversationId, userId),
    },
    isAlive: async (conversationId) =>
      (await models.conversations.exists({ _id: conversationId, deletedAt: null })) !== null,
    live: {
      offer: async (conversationId, file) => {
        await live().perform(conversationId, { type: 'offerFile', file });
      },
      withdraw: async (conversationId, id) => {
        await live().perform(conversationId, { type: 'withdrawFile', id });
      },
      settled: (conversationId) => live().settled(conversationId),
    },
    removed: () => collector.soon(),
    fileBytes,
    fileQuotaBytes: settings.fileQuotaBytes ?? limits.fileQuotaBytes.value,
    unattachedFileMs: settings.unattachedFileMs ?? limits.unattachedFileMs.value,
  });
  return { attachments, service, collector, uploadStallMs, fileBytes };
};
