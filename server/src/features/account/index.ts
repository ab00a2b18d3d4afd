export { type AccountService, createAccountService } from './account.service.js';
