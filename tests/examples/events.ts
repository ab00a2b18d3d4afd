// What docs/events.md shows of the SDK; a test holds the page to it.
import { createParleyClient } from '@parley/client';

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
