import { type AuthService, createAuthRouter } from './features/auth/index.js';
import { type ConversationsService, createConversationsRouter } from './features/conversations/index.js';
import { createMessagesRouter, type MessagesService } from './features/messages/index.js';
import { createPadsRouter, type PadsService } from './features/pads/index.js';
import { createRoomsRouter, type RoomsService } from './features/rooms/index.js';
import { router } from './trpc/index.js';

export interface RouterParts {
  readonly auth: AuthService;
  readonly conversations: ConversationsService;
  readonly rooms: RoomsService;
  readonly messages: MessagesService;
  readonly pads: PadsService;
}

/** All procedures by feature. Its type is what clients see. */
export const createAppRouter = (parts: RouterParts) =>
  router({
    auth: createAuthRouter(parts.auth),
    conversations: createConversationsRouter(parts.conversations),
    rooms: createRoomsRouter(parts.rooms),
    messages: createMessagesRouter(parts.messages),
    pads: createPadsRouter(parts.pads),
  });

export type AppRouter = ReturnType<typeof createAppRouter>;
