// Owns what events mean for people: whom something concerns from now on, and whom it concerns no more. Asks nobody.
import type { NotificationAbout, NotificationKind } from '@parley/shared';
import { type NewEvent, userOf } from '../events/index.js';

/** Somebody is to be notified. */
export interface Wanted {
  readonly user: string;
  readonly kind: NotificationKind;
  readonly by: string | null;
  readonly about: NotificationAbout;
  readonly subjects: readonly string[];
  readonly key: string;
  /** Only whoever is in it is concerned by what is said there. */
  readonly conversationId?: string;
}

/** Notifications that are about something which is no more, of one person or of all. */
export interface Ended {
  readonly subject: string;
  readonly users?: readonly string[];
  readonly kind?: NotificationKind;
  /** Whom it concerns still. */
  readonly except?: readonly string[];
}

type Event = NewEvent['event'];

export const wantedBy = ({ event, audiences }: NewEvent): Wanted[] => {
  switch (event.type) {
    case 'message.added':
      return event.messages.flatMap(({ id, author, mentions }) =>
        mentions.map((user) => mentionedIn(event.conversationId, { id, user, by: author })),
      );
    case 'message.changed':
      return event.messages.flatMap(({ id, by, mentions }) =>
        mentions.map((user) => mentionedIn(event.conversationId, { id, user, by })),
      );
    case 'comment.created':
    case 'comment.updated':
      return event.mentions.map((user) => mentionedBy(event, user));
    case 'task.created':
    case 'task.updated':
      return event.assigned.map((user) => ofTask(event, { user, kind: 'assignment', key: 'assigned' }));
    case 'task.dueSoon':
      return event.assignees.map((user) =>
        ofTask(event, { user, kind: 'dueSoon', key: `due:${event.dueAt.getTime()}` }),
      );
    case 'project.invited':
      return [invited(event)];
    case 'conversation.invited':
      return [invitedInto(event)];
    case 'conversation.requested':
      return audiences.flatMap((told) => requested(event, userOf(told)));
    case 'friend.changed':
      return event.state === 'received' ? audiences.flatMap((told) => asked(event, userOf(told))) : [];
    default:
      return [];
  }
};

export const endedBy = ({ event, audiences }: NewEvent): Ended[] => {
  switch (event.type) {
    case 'message.changed':
      return event.messages
        .filter(({ change }) => change === 'deleted')
        .map(({ id }) => ({ subject: `message:${id}` }));
    case 'conversation.memberLeft':
      return [{ subject: `conversation:${event.conversationId}`, users: [event.userId] }];
    case 'conversation.memberChanged':
      return event.role === 'member'
        ? [{ subject: `conversation:${event.conversationId}`, users: [event.userId], kind: 'joinRequest' }]
        : [];
    case 'conversation.invitationEnded':
      return [{ subject: `invited:${event.conversationId}`, users: [event.userId] }];
    case 'conversation.requestEnded':
      return [{ subject: `requested:${event.conversationId}:${event.userId}` }];
    case 'conversation.deleted':
      return [
        { subject: `conversation:${event.conversationId}` },
        { subject: `invited:${event.conversationId}` },
      ];
    case 'comment.deleted':
      return [{ subject: `comment:${event.commentId}` }];
    case 'task.updated':
      return endedByChange(event);
    case 'task.moved':
      return event.moves
        .filter(({ status }) => status === 'done')
        .map(({ taskId }) => ({ subject: `task:${taskId}`, kind: 'dueSoon' }));
    case 'task.deleted':
      return [{ subject: `task:${event.taskId}` }];
    case 'project.memberRemoved':
      return [{ subject: `project:${event.projectId}`, users: [event.userId] }];
    case 'project.deleted':
      return [{ subject: `project:${event.projectId}` }];
    case 'project.invitationEnded':
      return [{ subject: `invitation:${event.invitationId}` }];
    case 'friend.changed':
      return event.state === 'received'
        ? []
        : [{ subject: `person:${event.userId}`, users: audiences.flatMap((told) => userOf(told) ?? []) }];
    default:
      return [];
  }
};

const endedByChange = ({ taskId, changes }: Extract<Event, { type: 'task.updated' }>): Ended[] => {
  const subject = `task:${taskId}`;
  const ended: Ended[] = [];
  if (changes.assignees !== undefined) ended.push({ subject, kind: 'assignment', except: changes.assignees });
  if (changes.status === 'done' || changes.due !== undefined) ended.push({ subject, kind: 'dueSoon' });
  return ended;
};

const mentionedIn = (
  conversationId: string,
  { id, user, by }: { readonly id: string; readonly user: string; readonly by: string },
): Wanted => ({
  ...{ user, by, kind: 'mention', conversationId },
  about: { type: 'message', conversationId, messageId: id },
  subjects: [`conversation:${conversationId}`, `message:${id}`],
  key: `${user}:message:${id}`,
});

const mentionedBy = (
  event: Extract<Event, { type: 'comment.created' | 'comment.updated' }>,
  user: string,
): Wanted => {
  const { projectId, taskId, commentId, by } = event;
  return {
    ...{ user, by, kind: 'mention' },
    about: { type: 'comment', projectId, taskId, commentId },
    subjects: [`project:${projectId}`, `task:${taskId}`, `comment:${commentId}`],
    key: `${user}:comment:${commentId}`,
  };
};

const ofTask = (
  {
    projectId,
    taskId,
    by,
  }: { readonly projectId: string; readonly taskId: string; readonly by: string | null },
  { user, kind, key }: Pick<Wanted, 'user' | 'kind' | 'key'>,
): Wanted => ({
  ...{ user, by, kind },
  about: { type: 'task', projectId, taskId },
  subjects: [`project:${projectId}`, `task:${taskId}`],
  key: `${user}:${key}:${taskId}`,
});

const invited = (event: Extract<Event, { type: 'project.invited' }>): Wanted => {
  const { projectId, invitationId, userId: user, by } = event;
  return {
    ...{ user, by, kind: 'invitation' },
    about: { type: 'invitation', projectId, invitationId },
    // Not under the project: whoever is invited is not in it.
    subjects: [`invitation:${invitationId}`],
    key: `${user}:invitation:${invitationId}`,
  };
};

const invitedInto = ({
  conversationId,
  userId: user,
  by,
}: Extract<Event, { type: 'conversation.invited' }>): Wanted => ({
  ...{ user, by, kind: 'invitation' },
  about: { type: 'conversation', conversationId },
  // Not under the conversation: whoever is invited is not in it.
  subjects: [`invited:${conversationId}`],
  key: `${user}:invited:${conversationId}`,
});

const requested = (
  { conversationId, userId: by }: Extract<Event, { type: 'conversation.requested' }>,
  user: string | null,
): Wanted[] =>
  user === null
    ? []
    : [
        {
          ...{ user, by, kind: 'joinRequest', conversationId },
          about: { type: 'joinRequest', conversationId, userId: by },
          subjects: [`conversation:${conversationId}`, `requested:${conversationId}:${by}`],
          key: `${user}:requested:${conversationId}:${by}`,
        },
      ];

const asked = ({ userId }: Extract<Event, { type: 'friend.changed' }>, user: string | null): Wanted[] =>
  user === null
    ? []
    : [
        {
          ...{ user, by: userId, kind: 'friendRequest' },
          about: { type: 'person', userId },
          subjects: [`person:${userId}`],
          key: `${user}:friend:${userId}`,
        },
      ];
