export {
  type AccessModels,
  type ConversationAccess,
  createFindAccess,
  type FindAccess,
  type MembershipChange,
  type MembershipEvents,
  rightsOf,
} from './access.js';
export {
  type ConversationModel,
  type ConversationRow,
  createConversationModel,
} from './conversation.model.js';
export { createConversationsRouter } from './conversations.router.js';
export { type ConversationsService, createConversationsService } from './conversations.service.js';
export { findOrCreateConversation } from './find-or-create.js';
export { leaveAll } from './leave-all.js';
export { createMembershipModel, freshMembership, type MembershipModel } from './membership.model.js';
export { afterCursor, byActivity, placeOf } from './paging.js';
export { conversationPlaces, shownSince } from './places.js';
export { createSharedConversations } from './shared-conversations.js';
export { tellMembership } from './tell-membership.js';
