export type { Letter, Mailer } from './mailer.js';
export { createOutbox } from './outbox.js';
export { createSmtpMailer } from './smtp.js';
