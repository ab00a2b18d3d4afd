export { type AccessModels, getAccess, getOpen } from './access.js';
export { createInvitationModel } from './invitations/invitation.model.js';
export { projectPlaces } from './places.js';
export { createProjectMemberModel, createProjectModel } from './project.model.js';
export { createProjectsRouter } from './projects.router.js';
export { createProjectsService, type ProjectsService } from './projects.service.js';
export { createSharedProjects } from './shared-projects.js';
