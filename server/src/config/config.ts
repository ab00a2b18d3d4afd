import { resolve } from 'node:path';
import type { LogLevel } from '../platform/logger.js';
import { type Environment, environmentSchema, secretVariables, variableNames } from './environment.js';

/** What the process was told by its environment, in the server's own words. */
export interface Config {
  readonly production: boolean;
  readonly port: number;
  readonly host: string;
  /** Absent: the embedded store, in `dataDir`. */
  readonly mongodbUri: string | undefined;
  readonly dataDir: string;
  /** Absent: kept in `dataDir`, made at the first start. */
  readonly jwtSecret: string | undefined;
  /** Absent: only this machine reads the metrics. */
  readonly metricsToken: string | undefined;
  readonly logLevel: LogLevel | undefined;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: number;
  readonly bcryptCost: number;
  readonly accessTokenSeconds: number;
  readonly sessionDays: number;
  /** Absent: letters are put into `outbox` in `dataDir`. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly passwordResetUrl: string;
  readonly rateLimits: boolean;
  readonly fileBytes: number | undefined;
  readonly fileQuotaBytes: number | undefined;
  readonly unattachedFileMs: number | undefined;
  readonly windowMessages: number | undefined;
  readonly segmentMessages: number | undefined;
  readonly documentIdleMs: number | undefined;
}

/** Thrown for settings that cannot be started with; the message lists every fault, one a line. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the whole environment at once. An empty variable counts as absent. Throws `ConfigError` with every fault. */
export const loadConfig = (variables: Variables = process.env): Config => {
  const given = new Map<string, string>();
  for (const name of variableNames) {
    const value = variables[name]?.trim();
    if (value !== undefined && value !== '') given.set(name, value);
  }
  const parsed = environmentSchema.safeParse(Object.fromEntries(given));
  const faults = [...faultsOf(parsed.success ? [] : parsed.error.issues, given), ...productionFaults(given)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return toConfig(parsed.data);
};

const faultsOf = (
  issues: readonly { readonly path: readonly PropertyKey[] }[],
  given: ReadonlyMap<string, string>,
): string[] => {
  const names = new Set(issues.map((issue) => String(issue.path[0])));
  return variableNames
    .filter((name) => names.has(name))
    .map((name) => {
      const got = secretVariables.has(name) ? '' : `, not ${JSON.stringify(given.get(name))}`;
      return `${name} must be ${environmentSchema.shape[name].description}${got}`;
    });
};

/** Judged on what was given, not on what parsed: a fault elsewhere must not hide these. */
const productionFaults = (given: ReadonlyMap<string, string>): string[] => {
  if (given.get('NODE_ENV') !== 'production') return [];
  const faults = neededInProduction(given)
    .filter((name) => !given.has(name))
    .map(
      (name) =>
        `${name} must be given when NODE_ENV is production: ${environmentSchema.shape[name].description}`,
    );
  if (given.get('RATE_LIMITS') === 'off') faults.push('RATE_LIMITS must be on when NODE_ENV is production');
  return faults;
};

/** Where letters are sent, they must not come from, or lead to, this machine. */
const neededInProduction = (given: ReadonlyMap<string, string>) =>
  given.has('SMTP_URL')
    ? (['JWT_SECRET', 'MAIL_FROM', 'PASSWORD_RESET_URL'] as const)
    : (['JWT_SECRET'] as const);

const toConfig = (environment: Environment): Config => ({
  production: environment.NODE_ENV === 'production',
  port: environment.PORT,
  host: environment.HOST,
  mongodbUri: environment.MONGODB_URI,
  dataDir: resolve(environment.DATA_DIR),
  jwtSecret: environment.JWT_SECRET,
  metricsToken: environment.METRICS_TOKEN,
  logLevel: environment.LOG_LEVEL,
  corsOrigins: environment.CORS_ORIGIN,
  trustProxy: environment.TRUST_PROXY,
  bcryptCost: environment.BCRYPT_COST,
  accessTokenSeconds: environment.ACCESS_TOKEN_SECONDS,
  sessionDays: environment.SESSION_DAYS,
  smtpUrl: environment.SMTP_URL,
  mailFrom: environment.MAIL_FROM,
  passwordResetUrl: environment.PASSWORD_RESET_URL,
  rateLimits: environment.RATE_LIMITS,
  fileBytes: environment.FILE_BYTES,
  fileQuotaBytes: environment.FILE_QUOTA_BYTES,
  unattachedFileMs: environment.UNATTACHED_FILE_MS,
  windowMessages: environment.WINDOW_MESSAGES,
  segmentMessages: environment.SEGMENT_MESSAGES,
  documentIdleMs: environment.DOCUMENT_IDLE_MS,
});
