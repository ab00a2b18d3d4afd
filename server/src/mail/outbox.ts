import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@parley/shared';
import nodemailer from 'nodemailer';
import type { Mailer } from './mailer.js';

/** Puts letters into a folder instead of sending them, one file each that any mail program opens; for trying and developing. */
export const createOutbox = (folder: string, from: string): Mailer => {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return {
    send: async (letter) => {
      const { message } = await transport.sendMail({ from, ...letter });
      if (!Buffer.isBuffer(message)) throw new TypeError('a letter was not written in one piece');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${newId()}.eml`);
      // Whoever watches the folder finds whole letters only.
      await writeFile(`${path}.part`, message, { mode: 0o600 });
      await rename(`${path}.part`, path);
    },
    close: async () => undefined,
  };
};
