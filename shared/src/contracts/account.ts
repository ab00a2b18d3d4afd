import { z } from 'zod';
import { meSchema, sessionInfoSchema } from './auth.js';
import { commentSchema } from './comments.js';
import { cursorSchema, personSchema } from './common.js';
import { conversationSchema } from './conversations.js';
import { invitationSchema } from './invitations.js';
import { messageSchema } from './messages.js';
import { notificationSchema } from './notifications.js';
import { projectSchema } from './projects.js';
import { taskSchema } from './tasks.js';

export const exportInputSchema = z.strictObject({ cursor: cursorSchema.optional() });

const page = { nextCursor: z.string().nullable() };

/** A piece of everything that is kept of oneself. `nextCursor` goes on with the rest of the part or with the next, null after the last. */
export const exportPageSchema = z.discriminatedUnion('part', [
  z.object({ part: z.literal('account'), items: z.array(meSchema), ...page }),
  z.object({ part: z.literal('sessions'), items: z.array(sessionInfoSchema), ...page }),
  z.object({
    part: z.literal('friends'),
    items: z.array(
      z.object({
        person: personSchema,
        since: z.date(),
        state: z.enum(['friends', 'received', 'sent', 'blocked']),
      }),
    ),
    ...page,
  }),
  z.object({ part: z.literal('projects'), items: z.array(projectSchema), ...page }),
  z.object({ part: z.literal('tasks'), items: z.array(taskSchema), ...page }),
  z.object({ part: z.literal('comments'), items: z.array(commentSchema), ...page }),
  z.object({ part: z.literal('invitations'), items: z.array(invitationSchema), ...page }),
  z.object({ part: z.literal('notifications'), items: z.array(notificationSchema), ...page }),
  z.object({ part: z.literal('conversations'), items: z.array(conversationSchema), ...page }),
  z.object({ part: z.literal('messages'), items: z.array(messageSchema), ...page }),
]);
export type ExportPage = z.infer<typeof exportPageSchema>;
