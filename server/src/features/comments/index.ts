export { createCommentModel } from './comment.model.js';
export { createCommentsRouter } from './comments.router.js';
export { type CommentsService, createCommentsService } from './comments.service.js';
