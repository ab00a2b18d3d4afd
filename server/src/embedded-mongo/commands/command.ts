import type { BsonObject } from '../bson/values.js';
import type { Store } from '../storage/store.js';
import type { CursorRegistry } from './cursors.js';
import type { CommandRequest } from './request.js';
import type { ServerState } from './server-state.js';

/** What a command may use besides its own request. */
export interface CommandContext {
  readonly store: Store;
  readonly cursors: CursorRegistry;
  readonly server: ServerState;
  readonly connectionId: number;
  /** The client's address and port. */
  readonly client: string;
}

/** A reply without `ok`, or the finished bytes of one. */
export type CommandReply = BsonObject | Buffer;

export type CommandHandler = (
  request: CommandRequest,
  context: CommandContext,
) => CommandReply | Promise<CommandReply>;
