// What the procedures of accounts are given.
import type { Overview } from '@parley/shared';
import type { Mailer } from '../../mail/index.js';
import type { Background } from '../../platform/background.js';
import type { UsersService } from '../users/index.js';
import type { LoginLimits } from './login-limits.js';
import type { PasswordResetModel } from './password-reset.model.js';
import type { Passwords } from './passwords.js';
import type { Sessions } from './sessions.js';

export interface AuthParts {
  readonly users: UsersService;
  readonly resets: PasswordResetModel;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly limits: LoginLimits;
  readonly mailer: Mailer;
  readonly background: Background;
  /** Where somebody is; whoever keeps conversations implements it. */
  readonly overview: (userId: string) => Promise<Overview>;
  /** Where the page is that takes a token from a letter. */
  readonly resetUrl: string;
}
