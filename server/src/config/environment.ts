import { z } from 'zod';
import { logLevels } from '../platform/logger.js';
import { defaults } from './defaults.js';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
const isMongoUri = (text: string): boolean => /^mongodb(\+srv)?:\/\/\S+$/.test(text);

const ONE_YEAR_SECONDS = 31_536_000;
const ONE_DAY_MS = 86_400_000;
const THIRTY_DAYS_MS = 2_592_000_000;
const ONE_GIBIBYTE = 1_073_741_824;
const MOST_BYTES = 999_999_999_999_999;

/**
 * Every environment variable. The description says what is expected: it is the message at start when a value is something
 * else. `.env.example` lists the same names.
 */
export const environmentSchema = z.object({
  NODE_ENV: z
    .enum(['production', 'development', 'test'])
    .default('development')
    .describe('production, development or test'),
  PORT: wholeNumber(0, 65_535).default(defaults.port).describe('a port number from 0 to 65535'),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/)
    .default(defaults.host)
    .describe('an address or host name to listen on'),
  MONGODB_URI: z
    .string()
    .refine(isMongoUri)
    .optional()
    .describe('an address that starts with mongodb:// or mongodb+srv://'),
  DATA_DIR: z.string().default(defaults.dataDir).describe('a folder'),
  JWT_SECRET: z.string().min(32).optional().describe('at least 32 characters'),
  METRICS_TOKEN: z
    .string()
    .regex(/^\S{16,}$/)
    .optional()
    .describe('at least 16 characters without spaces'),
  LOG_LEVEL: z
    .enum(logLevels)
    .optional()
    .describe(`one of ${logLevels.join(', ')}`),
  CORS_ORIGIN: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().refine(isOrigin)))
    .default([])
    .describe('origins like https://app.example.org, with commas between and no paths'),
  TRUST_PROXY: wholeNumber(0, 10)
    .default(defaults.trustProxy)
    .describe('how many proxies stand before the server, from 0 to 10'),
  BCRYPT_COST: wholeNumber(10, 16).default(defaults.bcryptCost).describe('a number from 10 to 16'),
  ACCESS_TOKEN_SECONDS: wholeNumber(1, ONE_YEAR_SECONDS)
    .default(defaults.accessTokenSeconds)
    .describe(`a number of seconds from 1 to ${ONE_YEAR_SECONDS}`),
  SESSION_DAYS: wholeNumber(1, 3_650)
    .default(defaults.sessionDays)
    .describe('a number of days from 1 to 3650'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/\S+$/)
    .optional()
    .describe('an address that starts with smtp:// or smtps://'),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@]+@[^\s@]+$/)
    .default(defaults.mailFrom)
    .describe('an address, or a name and an address like Parley <parley@example.org>'),
  PASSWORD_RESET_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
    .default(defaults.passwordResetUrl)
    .describe('an http or https address'),
  RATE_LIMITS: z
    .enum(['on', 'off'])
    .default('on')
    .transform((value) => value === 'on')
    .describe('on or off'),
  FILE_BYTES: wholeNumber(1, ONE_GIBIBYTE).optional().describe(`a number of bytes from 1 to ${ONE_GIBIBYTE}`),
  FILE_QUOTA_BYTES: wholeNumber(1, MOST_BYTES)
    .optional()
    .describe(`a number of bytes from 1 to ${MOST_BYTES}`),
  UNATTACHED_FILE_MS: wholeNumber(1, THIRTY_DAYS_MS)
    .optional()
    .describe(`a number of milliseconds from 1 to ${THIRTY_DAYS_MS}`),
  WINDOW_MESSAGES: wholeNumber(1, 100_000).optional().describe('a number of messages from 1 to 100000'),
  SEGMENT_MESSAGES: wholeNumber(1, 10_000).optional().describe('a number of messages from 1 to 10000'),
  DOCUMENT_IDLE_MS: wholeNumber(0, ONE_DAY_MS)
    .optional()
    .describe(`a number of milliseconds from 0 to ${ONE_DAY_MS}`),
});

export type Environment = z.output<typeof environmentSchema>;
export type VariableName = keyof Environment;

/** Whose values are never repeated in a message. */
export const secretVariables: ReadonlySet<string> = new Set([
  'MONGODB_URI',
  'JWT_SECRET',
  'METRICS_TOKEN',
  'SMTP_URL',
]);

const isVariable = (name: string): name is VariableName => name in environmentSchema.shape;

/** All names, for the test that holds `.env.example` against them. */
export const variableNames: readonly VariableName[] = Object.keys(environmentSchema.shape).filter(isVariable);
