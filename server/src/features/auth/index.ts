export { createAuthRouter } from './auth.router.js';
export { type AuthService, createAuthService } from './auth.service.js';
export type { AccountChange } from './change-account.js';
export { followEndedSessions } from './follow-ends.js';
export { createLoginLimits, noLoginLimits } from './login-limits.js';
export { createPasswordResetModel } from './password-reset.model.js';
export { createPasswords } from './passwords.js';
export { createSessionModel } from './session.model.js';
export { createSessions } from './sessions.js';
