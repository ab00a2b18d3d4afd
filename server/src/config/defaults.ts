/** What holds where neither the environment nor the options of `createParley` say otherwise. */
export const defaults = {
  port: 4000,
  host: '127.0.0.1',
  dataDir: './.parley',
  trustProxy: 0,
  bcryptCost: 11,
  accessTokenSeconds: 900,
  sessionDays: 30,
  refreshGraceMs: 10_000,
  presenceGraceMs: 10_000,
  nodeBeatMs: 10_000,
  eventsKeptMs: 86_400_000,
  collectFilesMs: 30_000,
  mailFrom: 'Parley <parley@localhost>',
  passwordResetUrl: 'http://localhost:4000/reset-password',
} as const;
