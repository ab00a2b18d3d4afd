export { type FileFormsOptions, isFileForm } from './file-forms.js';
export { mountRest } from './rest.js';
export type { SentFile } from './sent-file.js';
export type { RestServices } from './services.js';
