// Owns giving the REST surface what it needs of services beside procedures.
import { createReadStream } from 'node:fs';
import { AppError, fileTicketInputSchema } from '@parley/shared';
import type { AccountService } from '../features/account/index.js';
import type { AuthService } from '../features/auth/index.js';
import {
  type ConversationsService,
  type MembershipModel,
  membersOf,
} from '../features/conversations/index.js';
import type { FilesService } from '../features/files/index.js';
import type { MessagesService } from '../features/messages/index.js';
import type { RoomsService } from '../features/rooms/index.js';
import type { TasksService } from '../features/tasks/index.js';
import type { UsersService } from '../features/users/index.js';
import type { RestServices, SentFile } from '../http/index.js';
import { type Actor, toInvalidInput } from '../trpc/index.js';

interface RestParts {
  readonly users: UsersService;
  readonly auth: Pick<AuthService, 'createAccount' | 'changeAccount'>;
  readonly account: Pick<AccountService, 'delete'>;
  readonly tasks: Pick<TasksService, 'listWhole'>;
  readonly memberships: MembershipModel;
  readonly conversations: Pick<ConversationsService, 'addressed'>;
  readonly rooms: Pick<RoomsService, 'leaveNamed'>;
  readonly messages: Pick<MessagesService, 'sendOnce' | 'findSent'>;
  readonly files: Pick<FilesService, 'put' | 'delete'>;
}

export const createRestServices = (parts: RestParts): RestServices => {
  const { users, auth, account, tasks, conversations, rooms, messages } = parts;
  return {
    findPerson: async (name) => {
      const user = (await users.find(name)) ?? (name.includes('@') ? null : await users.findByLogin(name));
      return user?._id ?? null;
    },
    me: async ({ userId }) => {
      const me = await users.me(userId);
      if (me === null) throw new AppError('SESSION_ENDED');
      return me;
    },
    createAccount: auth.createAccount,
    changeAccount: auth.changeAccount,
    deleteAccount: account.delete,
    listTasks: tasks.listWhole,
    people: (ids) => users.people(ids),
    names: (ids) => users.names(ids),
    addressed: (userId, id) => conversations.addressed(userId, id),
    send: (actor, input, file) =>
      file === null ? messages.sendOnce(actor, input) : sendWithFile(parts, { actor, input, file }),
    members: (groups, shown) => membersOf(parts, groups, shown),
    leaveRoom: (userId, name) => rooms.leaveNamed(userId, name),
  };
};

interface Sending {
  readonly actor: Actor;
  readonly input: Parameters<RestServices['send']>[1];
  readonly file: SentFile;
}

const sendWithFile = async (
  parts: RestParts,
  { actor, input, file }: Sending,
): ReturnType<RestServices['send']> => {
  const { messages, files } = parts;
  const { conversationId, id } = input;
  // Whoever did not hear that it was sent may have no room for the file a second time.
  const before = id === undefined ? null : await messages.findSent(actor, { conversationId, id });
  if (before !== null) return { message: before, isNew: false };
  const fileId = await putUp(parts, { actor, input, file });
  // One that is in a message by now stays; what cannot be removed is nobody's message's and goes by itself later.
  const remove = () => files.delete(actor, { fileId }).catch(() => undefined);
  try {
    const sent = await messages.sendOnce(actor, { ...input, files: [fileId] });
    if (!sent.isNew) await remove();
    return sent;
  } catch (error) {
    await remove();
    throw error;
  }
};

const putUp = async ({ files }: RestParts, { actor, input, file }: Sending): Promise<string> => {
  const { name, size, path } = file;
  const ticket = fileTicketInputSchema.safeParse({ conversationId: input.conversationId, name, size });
  if (!ticket.success) throw toInvalidInput(ticket.error);
  return (await files.put(actor, ticket.data, createReadStream(path))).id;
};
