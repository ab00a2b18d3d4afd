import type { Message } from '@parley/shared';
import type { Api } from '../api/api.js';
import type { MessageChange } from './message-change.js';

/** A call that was not answered for so long is given up, and made again: the second one changes nothing more. */
const PATIENCE_MS = 30_000;

/** Has the server carry a change out; the message as it is then. Rejects with ABORTED when there is no answer. */
export const changeMessage = async ({ messages }: Api, change: MessageChange): Promise<Message> => {
  const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
  if (change.act === 'edit') return await messages.edit.mutate(change.input, options);
  if (change.act === 'delete') return await messages.delete.mutate(change.input, options);
  return await messages[change.act].mutate(change.input, options);
};
