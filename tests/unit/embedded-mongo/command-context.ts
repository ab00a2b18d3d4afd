import type { CommandContext } from '@parley/server/internal/embedded-mongo/commands/command';
import { CursorRegistry } from '@parley/server/internal/embedded-mongo/commands/cursors';
import { ServerState } from '@parley/server/internal/embedded-mongo/commands/server-state';
import type { Store } from '@parley/server/internal/embedded-mongo/storage/store';

/** What commands on a store need when there is no server and no connection around it. */
export function commandContext(store: Store): CommandContext {
  return {
    store,
    cursors: new CursorRegistry(Date.now),
    server: new ServerState(1),
    connectionId: 1,
    client: '127.0.0.1:1',
  };
}
