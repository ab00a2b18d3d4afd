import type { Letter } from '../../mail/index.js';

/** The letter that brings a token to whoever forgot their password; `resetUrl` gets it as its query. */
export const resetLetter = (
  to: string,
  { token, resetUrl }: { readonly token: string; readonly resetUrl: string },
): Letter => {
  const link = new URL(resetUrl);
  link.searchParams.set('token', token);
  return {
    to,
    subject: 'Set a new password',
    text: [
      'Somebody, hopefully you, asked to set a new password for your account.',
      '',
      'Open this within an hour to choose one:',
      link.href,
      '',
      'It works once. If it was not you, do nothing: your password stays as it is.',
      '',
    ].join('\n'),
  };
};
