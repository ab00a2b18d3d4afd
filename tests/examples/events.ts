// What docs/events.md shows of the SDK; a test holds the page to it.
import { createParleyClient, type ParleyClient } from '@parley/client';

export const listen = async (
  url: string,
  signIn: { login: string; password: string },
  log: (line: string) => void,
) => {
  const client = createParleyClient({ url });
  await client.signIn(signIn);
  client.events.on('message.added', ({ conversationId, messages }) => {
    log(`${messages.length} new in ${conversationId}`);
  });
  const stop = client.events.on('task.updated', ({ taskId, changes }) => {
    if (changes.status !== undefined) log(`${taskId} is ${changes.status}`);
  });
  client.events.onStatus((status) => log(`events: ${status}`));
  return { client, stop };
};

export const watchBoard = (client: ParleyClient, projectId: string, log: (line: string) => void) => {
  const board = client.tasks.live({ projectId, sort: 'board', status: ['todo', 'inProgress'] });
  board.onChange(() => {
    if (board.error !== null) log(`not current: ${board.error.code}`);
    else log(board.items.map(({ title, status }) => `${title} (${status})`).join(', '));
  });
  return board;
};
