export {
  conversationAudience,
  EVERYBODY,
  type NewEvent,
  type Publish,
  projectAudience,
  userAudience,
} from './publish.js';
