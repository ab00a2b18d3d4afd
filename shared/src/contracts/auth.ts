import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { utf8Encode } from '../runtime.js';
import { nameText, oneLine, wholeText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf } from './common.js';
import { overviewSchema } from './conversations.js';

export const usernameSchema = z
  .string()
  .transform((value) => value.normalize('NFKC').trim())
  .pipe(
    z
      .string()
      .min(2)
      .max(limits.usernameCharacters.value)
      .regex(
        /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._+-]*$/u,
        'must start with a letter or digit and hold only letters, digits and . _ + -',
      ),
  );

export const emailSchema = z
  .string()
  .trim()
  .max(limits.emailCharacters.value)
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Z}]*$/u, 'must not hold spaces or control characters')
  .pipe(z.email({ pattern: z.regexes.unicodeEmail, error: 'must be an e-mail address' }));

export const personNameSchema = z
  .string()
  .trim()
  .max(limits.personNameCharacters.value)
  .regex(...nameText);

/** Length alone; the whole password policy needs to know whose password it is and is the server's. */
export const passwordSchema = z
  .string()
  .min(
    limits.passwordCharactersMin.value,
    `must have at least ${limits.passwordCharactersMin.value} characters`,
  )
  .max(limits.passwordBytesMax.value * 4)
  .regex(...wholeText)
  .refine(
    (value) => utf8Encode(value).length <= limits.passwordBytesMax.value,
    `must have at most ${limits.passwordBytesMax.value} bytes`,
  )
  .meta({
    format: 'password',
    // No character takes less than a byte.
    maxLength: limits.passwordBytesMax.value,
    description: `At most ${limits.passwordBytesMax.value} bytes in UTF-8; not only digits, not a common one, not a name or address of its owner.`,
  });

/** What to call a device in the list of sessions. */
const deviceSchema = z
  .string()
  .max(100)
  .regex(...nameText);

/** A username, an e-mail address, or both. */
export const registerInputSchema = z
  .strictObject({
    username: usernameSchema.optional(),
    email: emailSchema.optional(),
    password: passwordSchema,
    firstName: personNameSchema.default(''),
    lastName: personNameSchema.default(''),
    device: deviceSchema.optional(),
  })
  .refine((value) => value.username !== undefined || value.email !== undefined, {
    path: ['username'],
    message: 'give a username or an e-mail address',
  });

/** A password as somebody gives it who says it is theirs: whatever was ever taken for one. */
export const givenPasswordSchema = z
  .string()
  .min(1)
  .max(limits.passwordBytesMax.value * 4);

/** `login`: username or e-mail address. */
export const loginInputSchema = z.strictObject({
  login: z
    .string()
    .min(1)
    .max(limits.emailCharacters.value)
    .regex(...oneLine),
  password: givenPasswordSchema,
  device: deviceSchema.optional(),
});

const refreshTokenSchema = z.string().min(1).max(4_096);
export const refreshInputSchema = z.strictObject({ refreshToken: refreshTokenSchema });

/** `refreshToken`: one's own; its session ends as well, where it is another than the one that asks. */
export const logoutInputSchema = z.strictObject({ refreshToken: refreshTokenSchema.optional() }).prefault({});

/** Oneself: holds what only the person may see. Dates as Date. */
export const meSchema = z.object({
  id: z.string(),
  username: z.string().nullable(),
  email: z.string().nullable(),
  firstName: z.string(),
  lastName: z.string(),
  role: z.enum(['user', 'admin']),
  bio: z.string(),
  interests: z.array(z.string()),
  /** Who may see when one was last here. */
  lastSeen: z.enum(['everyone', 'friends', 'nobody']),
  /** Whether lists, searches and suggestions show one to people one has nothing to do with. */
  isListed: z.boolean(),
  createdAt: z.date(),
});
export type Me = z.infer<typeof meSchema>;

/** A pair of tokens. The refresh token works once: using it gives the next pair. */
export const tokensSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  accessExpiresAt: z.date(),
});
export type Tokens = z.infer<typeof tokensSchema>;

export const signedInSchema = z.object({
  user: meSchema,
  session: z.object({ id: z.string() }),
  tokens: tokensSchema,
});
export type SignedIn = z.infer<typeof signedInSchema>;

/** A device that is signed in. */
export const sessionInfoSchema = z.object({
  id: z.string(),
  /** What its owner calls it, else browser and system; null where nothing is known. */
  device: z.string().nullable(),
  /** The network address it signed in from. */
  address: z.string(),
  createdAt: z.date(),
  /** When it last fetched new tokens. */
  usedAt: z.date(),
  expiresAt: z.date(),
  /** Whether it is the one that asks. */
  isCurrent: z.boolean(),
});
export type SessionInfo = z.infer<typeof sessionInfoSchema>;

export const sessionsInputSchema = z.strictObject({
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const sessionsPageSchema = pageOf(sessionInfoSchema);
export const sessionRefSchema = z.strictObject({ sessionId: opaqueIdSchema });

/** `keepThis`: all but the session that asks. */
export const logoutEverywhereInputSchema = z.strictObject({ keepThis: z.boolean().default(false) });
/** How many sessions ended. */
export const endedSchema = z.object({ ended: z.number().int().min(0) });

export const changePasswordInputSchema = z.strictObject({
  currentPassword: givenPasswordSchema,
  newPassword: passwordSchema,
});

export const requestPasswordResetInputSchema = z.strictObject({ email: emailSchema });

/** `token`: as the mail brought it. */
export const resetPasswordInputSchema = z.strictObject({
  token: z.string().min(1).max(200),
  newPassword: passwordSchema,
});

export const meOutputSchema = overviewSchema.extend({
  user: meSchema,
  session: z.object({
    id: z.string(),
    device: z.string().nullable(),
    createdAt: z.date(),
    expiresAt: z.date(),
  }),
  serverTime: z.date(),
});
