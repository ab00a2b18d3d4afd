export { createFriendsRouter } from './friends.router.js';
export { createFriendsService, createHiddenFrom, type FriendsService } from './friends.service.js';
export { createFriendshipModel } from './friendship.model.js';
