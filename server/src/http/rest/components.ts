// Owns the names of what answers are made of: generated clients name their types by them.
import {
  commentSchema,
  conversationSchema,
  conversationSettingsSchema,
  eventSchema,
  fileSchema,
  invitationSchema,
  meSchema,
  messageFileSchema,
  messageSchema,
  notificationSchema,
  onlineSchema,
  participantSchema,
  personSchema,
  presenceSchema,
  profileSchema,
  projectMemberSchema,
  projectSchema,
  sessionInfoSchema,
  spaceSchema,
  taskItemSchema,
  taskSchema,
  tokensSchema,
} from '@parley/shared';
import { z } from 'zod';

export const componentNames = z.registry<{ id: string }>();

const named: Readonly<Record<string, z.ZodType>> = {
  Comment: commentSchema,
  Conversation: conversationSchema,
  ConversationSettings: conversationSettingsSchema,
  File: fileSchema,
  Invitation: invitationSchema,
  Me: meSchema,
  Message: messageSchema,
  MessageFile: messageFileSchema,
  Notification: notificationSchema,
  Online: onlineSchema,
  Participant: participantSchema,
  Person: personSchema,
  Presence: presenceSchema,
  Profile: profileSchema,
  Project: projectSchema,
  ProjectMember: projectMemberSchema,
  Session: sessionInfoSchema,
  Space: spaceSchema,
  Task: taskSchema,
  TaskItem: taskItemSchema,
  Tokens: tokensSchema,
};
for (const [id, schema] of Object.entries(named)) componentNames.add(schema, { id });

/** `message.added` is a `MessageAddedEvent`. */
const eventName = (type: string): string =>
  `${type.replaceAll(/(?:^|\.)(\w)/g, (_all, letter: string) => letter.toUpperCase())}Event`;

/** The names of events by their type. */
export const eventNames = new Map(
  eventSchema.options.map((schema) => {
    const type = schema.shape.type.value;
    const id = eventName(type);
    componentNames.add(schema, { id });
    return [type, id];
  }),
);
