export { createAdminRouter } from './admin.router.js';
export { type AdminParts, type AdminService, createAdminService, grantAdmin } from './admin.service.js';
export { createAuditModel } from './audit.model.js';
