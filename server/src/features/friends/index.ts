export { createFriendsRouter } from './friends.router.js';
export { createFriendsService, type FriendsService } from './friends.service.js';
export { createFriendshipModel } from './friendship.model.js';
export { createSharedPlaces, type SharedPlaces } from './shared-places.js';
export {
  createFriendsOf,
  createHiddenFrom,
  createStandings,
  type FriendsOf,
  type Pair,
  type Standings,
} from './standings.js';
