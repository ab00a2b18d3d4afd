export {
  type ConversationAccess,
  createFindAccess,
  type MembershipChange,
  rightsOf,
} from './access.js';
export type { Addressed } from './addressed.js';
export {
  type ConversationModel,
  type ConversationRow,
  createConversationModel,
} from './conversation.model.js';
export { createConversationsRouter } from './conversations.router.js';
export { type ConversationsService, createConversationsService } from './conversations.service.js';
export { leaveAll } from './leave-all.js';
export { createMembershipModel, freshMembership, type MembershipModel } from './membership.model.js';
export { conversationPlaces, shownSince } from './places.js';
export { createSharedConversations } from './shared-conversations.js';
export { makeSpace } from './spaces/make-space.js';
export type { NewestMessages, SpacesParts } from './spaces/parts.js';
export { type Member, membersOf } from './spaces/show-spaces.js';
export { spaceProcedures } from './spaces/spaces.router.js';
export { createSpacesService, type SpacesService } from './spaces/spaces.service.js';
export { tellMembership } from './tell-membership.js';
