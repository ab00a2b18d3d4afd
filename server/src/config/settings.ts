import { resolve } from 'node:path';
import { z } from 'zod';
import { type LogLevel, logLevels } from '../platform/logger.js';
import { ConfigError } from './config.js';
import { defaults } from './defaults.js';

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, 'must be an origin');
const count = (max: number) => z.number().int().min(1).max(max);

const settingsSchema = z.object({
  /** 0 stands for a free one. */
  port: z.number().int().min(0).max(65_535).default(defaults.port),
  host: z.string().min(1).default(defaults.host),
  /** Absent: the embedded store, in `dataDir`. */
  mongodbUri: z.string().optional(),
  dataDir: z.string().min(1).default(defaults.dataDir),
  /** Absent: kept in `dataDir`, made at the first start. */
  jwtSecret: z.string().min(32).optional(),
  /** Absent: only this machine reads the metrics. */
  metricsToken: z.string().min(16).optional(),
  logLevel: z.enum(logLevels).default('warn'),
  logTo: z.enum(['stdout', 'stderr']).default('stderr'),
  /** Web origins beside the server's own, for HTTP and sockets alike. */
  corsOrigins: z.array(origin).readonly().default([]),
  trustProxy: z.number().int().min(0).max(10).default(defaults.trustProxy),
  /** Below 10 is for tests; the environment takes no less. */
  bcryptCost: z.number().int().min(4).max(16).default(defaults.bcryptCost),
  accessTokenSeconds: count(31_536_000).default(defaults.accessTokenSeconds),
  sessionDays: count(3_650).default(defaults.sessionDays),
  /** For so long the refresh token before the newest gives the newest once more; see `Sessions.refresh`. */
  refreshGraceMs: z.number().int().min(0).max(600_000).default(defaults.refreshGraceMs),
  /** How long somebody whose last connection has closed is still shown as being here. */
  presenceGraceMs: z.number().int().min(0).max(600_000).default(defaults.presenceGraceMs),
  /** How often this process says that it lives; after three times as long the others take it for dead. */
  nodeBeatMs: z.number().int().min(50).max(600_000).default(defaults.nodeBeatMs),
  /** For so long a stream of events that broke can go on without a gap. */
  eventsKeptMs: z.number().int().min(1_000).max(2_592_000_000).default(defaults.eventsKeptMs),
  /** The largest file, what all files of one person may take, and how long one may be in no message. Absent: as docs/limits.md says. */
  fileBytes: count(1_073_741_824).optional(),
  fileQuotaBytes: count(Number.MAX_SAFE_INTEGER).optional(),
  unattachedFileMs: count(2_592_000_000).optional(),
  /** An upload of which nothing arrives for so long is over. */
  uploadStallMs: count(600_000).optional(),
  /** How often files are looked after whose time has come. */
  collectFilesMs: z.number().int().min(50).max(3_600_000).default(defaults.collectFilesMs),
  /** Absent: letters are put into `outbox` in `dataDir`. */
  smtpUrl: z
    .string()
    .regex(/^smtps?:\/\//)
    .optional(),
  mailFrom: z.string().min(3).default(defaults.mailFrom),
  /** The page that takes the token of a letter, as its query `token`. */
  passwordResetUrl: z.url().default(defaults.passwordResetUrl),
  rateLimits: z.boolean().default(true),
  windowMessages: count(100_000).optional(),
  segmentMessages: count(10_000).optional(),
  generationClients: count(100_000).optional(),
  generationDeadBytes: count(1_073_741_824).optional(),
  generationMs: z.number().int().min(0).max(86_400_000).optional(),
  /** How long a batch is tried against a failing store before its document is given up, and how long one try may take. */
  logPatienceMs: count(3_600_000).optional(),
  logWriteTimeoutMs: count(600_000).optional(),
  documentIdleMs: z.number().int().min(0).max(86_400_000).optional(),
  /** How often what conversations keep no longer is erased. */
  eraseEveryMs: count(86_400_000).optional(),
  /** Log entries between two snapshots of a document. */
  snapshotEntries: count(100_000).optional(),
});

/** What of a server's options is plain data; everything has a default. */
export interface ServerOptions extends Partial<z.input<typeof settingsSchema>> {
  readonly logLevel?: LogLevel | undefined;
}

export type Settings = z.output<typeof settingsSchema>;

/** Fills in what was left out. Throws `ConfigError` naming every option that cannot be. */
export const resolveSettings = (options: ServerOptions): Settings => {
  const parsed = settingsSchema.safeParse(options);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  return { ...parsed.data, dataDir: resolve(parsed.data.dataDir) };
};
