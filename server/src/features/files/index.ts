export { type AttachedFiles, type Attachments, createAttachments, type KnownFile } from './attachments.js';
export { Collector } from './collector.js';
export type { Download } from './downloads.js';
export { createFileModel } from './file.model.js';
export { createFileBytes } from './file-bytes.js';
export { createFileClaimModel } from './file-claim.model.js';
export { createFilesRouter } from './files.router.js';
export { createFilesService, type FilesService } from './files.service.js';
export { createLookInto } from './images.js';
