import nodemailer from 'nodemailer';
import type { Mailer } from './mailer.js';

/** How long a mail server may take to answer a step of the talk, ms. */
const PATIENCE_MS = 20_000;

/** Hands letters to a mail server: `smtp://user:password@host:587`, or `smtps://` where it speaks TLS from the first byte. */
export const createSmtpMailer = (url: string, from: string): Mailer => {
  const transport = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    // A letter is what we wrote: nothing in it may name a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async (letter) => {
      await transport.sendMail({ from, ...letter });
    },
    close: async () => transport.close(),
  };
};
