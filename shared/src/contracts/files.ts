import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { nameText, oneLine } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

/** Of an image that could be read, as it is to be shown. `thumbnail`: there is a small one too. */
const imageSchema = z.object({
  width: z.number().int(),
  height: z.number().int(),
  thumbnail: z.boolean(),
});
export type FileImage = z.infer<typeof imageSchema>;

/** A file of a message. `type`: what its bytes look like. `gone`: its time was over, and there are no bytes any more. */
export const messageFileSchema = z.object({
  id: z.string(),
  name: z.string(),
  size: z.number().int(),
  type: z.string(),
  image: imageSchema.nullable(),
  gone: z.boolean(),
});
export type MessageFile = z.infer<typeof messageFileSchema>;

const HOUR_MS = 60 * 60 * 1_000;

const fileName = z
  .string()
  .max(limits.fileNameCharacters.value)
  .regex(...nameText)
  .regex(/^[^/\\]*$/, 'must not hold slashes')
  .regex(/[^\s.]/u, 'must be a name');

/** `size`: of exactly so many bytes. `type`: what the client takes it for; nobody believes it. `expiresInHours`: it goes then, wherever it is. */
export const fileTicketInputSchema = z.strictObject({
  conversationId: opaqueIdSchema,
  name: fileName,
  size: z.number().int().min(1),
  type: z
    .string()
    .max(255)
    .regex(...oneLine)
    .optional(),
  expiresInHours: z
    .number()
    .int()
    .min(1)
    .max(limits.fileMs.value / HOUR_MS)
    .optional(),
});

/** `url`: a path of this server that takes the bytes once, by PUT, from whoever has it; until `expiresAt`. */
export const fileTicketSchema = z.object({ fileId: z.string(), url: z.string(), expiresAt: z.date() });

/** What a finished upload is answered with. */
export const uploadedFileSchema = z.object({
  id: z.string(),
  name: z.string(),
  size: z.number().int(),
  type: z.string(),
  /** Of the bytes, in hex. */
  sha256: z.string(),
  image: imageSchema.nullable(),
});
export type UploadedFile = z.infer<typeof uploadedFileSchema>;

export const fileRefSchema = z.strictObject({ fileId: opaqueIdSchema });

/**
 * `messageId`: the message it is in; null while it is in none. `url`: a path of this server that gives the bytes to whoever has it,
 * until `urlExpiresAt`; `thumbnailUrl` likewise, null where there is no thumbnail.
 */
export const fileSchema = uploadedFileSchema.extend({
  conversationId: z.string(),
  messageId: z.string().nullable(),
  owner: personSchema,
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  url: z.string(),
  thumbnailUrl: z.string().nullable(),
  urlExpiresAt: z.date(),
});
export type FileInfo = z.infer<typeof fileSchema>;

export const filesListInputSchema = z.strictObject({
  conversationId: opaqueIdSchema,
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const filesPageSchema = pageOf(fileSchema);

/** `waiting`: files that are on their way, or in no message yet. */
export const filesUsageSchema = z.object({
  usedBytes: z.number().int(),
  quotaBytes: z.number().int(),
  fileBytesMax: z.number().int(),
  files: z.number().int(),
  waiting: z.number().int(),
});
export type FilesUsage = z.infer<typeof filesUsageSchema>;
