// Owns what the REST surface needs beside procedures: rules that are the services' and that no procedure has a form for.
import type { Me, registerInputSchema, sendInputSchema, Task, tasksListInputSchema } from '@parley/shared';
import type { z } from 'zod';
import type { AccountChange } from '../../features/auth/index.js';
import type { ConversationsService, Member } from '../../features/conversations/index.js';
import type { Sent } from '../../features/messages/index.js';
import type { RoomsService } from '../../features/rooms/index.js';
import type { UsersService } from '../../features/users/index.js';
import type { Actor, Caller } from '../../trpc/index.js';
import type { SentFile } from './sent-file.js';

/** Who changes something of their account, and from where. */
interface From {
  readonly actor: Actor;
  readonly caller: Caller;
}

export interface RestServices extends Pick<UsersService, 'people' | 'names'> {
  /** The id of whoever has that id or username; null for nobody. An e-mail address tells nothing. */
  findPerson(idOrUsername: string): Promise<string | null>;
  /** Oneself. SESSION_ENDED for whoever is deleted by now. */
  me(actor: Actor): Promise<Me>;
  /** Makes an account and signs nobody in; without a username, one is made of the e-mail address. */
  createAccount(input: z.output<typeof registerInputSchema>, caller: Caller): Promise<Me>;
  /** Names and password together: all of it, or nothing. */
  changeAccount(from: From, change: AccountChange): Promise<Me>;
  /** Without a password none is asked for. */
  deleteAccount(from: From, password: string | undefined): Promise<void>;
  /** A page of tasks with their descriptions. */
  listTasks(
    userId: string,
    input: z.output<typeof tasksListInputSchema>,
  ): Promise<{ readonly items: readonly Task[]; readonly nextCursor: string | null }>;
  readonly addressed: ConversationsService['addressed'];
  /**
   * Sends a message, with the file put up for it where there is one, and tells whether this was the call that sent it. What fails, or was
   * sent before, leaves no file behind.
   */
  send(actor: Actor, input: z.output<typeof sendInputSchema>, file: SentFile | null): Promise<Sent>;
  /** Up to `shown` of each group's members. */
  members(
    groups: readonly { readonly id: string; readonly memberCount: number }[],
    shown: number,
  ): Promise<ReadonlyMap<string, readonly Member[]>>;
  readonly leaveRoom: RoomsService['leaveNamed'];
}
