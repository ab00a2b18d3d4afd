// The two people of the tour: one talks through Parley's SDK, the other through a stock y-websocket provider.
import { createParleyClient } from '@parley/client';
import { appendMessage, readMessages } from '@parley/client/document';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const PASSWORD = 'a tour of the bridge';

/** Resolves when the condition holds, looked at whenever something changes. */
const until = (subscribe, condition) =>
  new Promise((resolve) => {
    let unsubscribe = () => undefined;
    const look = () => {
      if (!condition()) return;
      unsubscribe();
      resolve();
    };
    unsubscribe = subscribe(look);
    look();
  });

/** Signs up and joins the room. */
const enter = async (url, name, room) => {
  const client = createParleyClient({ url });
  await client.signUp({ username: name, password: PASSWORD });
  const joined = await client.api.rooms.joinOrCreate.mutate({ name: room });
  return { client, conversationId: joined.room.id };
};

/** Somebody who uses the SDK: pending messages wait in its outbox, and it tells when each is stored. */
export const sdkPerson = async (url, name, room) => {
  const { client, conversationId } = await enter(url, name, room);
  const conversation = client.conversation(conversationId);
  await conversation.whenSynced();
  const has = (id) => conversation.messages.some((message) => message.id === id);
  return {
    name,
    via: 'SDK',
    client,
    conversationId,
    say: (text) => {
      const { id, stored } = conversation.send(text);
      // Awaited below through `settled`; a refusal shows there.
      stored.catch(() => undefined);
      return id;
    },
    sees: (id) =>
      until(
        (look) => conversation.subscribe(look),
        () => has(id),
      ),
    settled: (ids) =>
      until(
        (look) => conversation.subscribe(look),
        () =>
          ids.every((id) =>
            conversation.messages.some((message) => message.id === id && message.seq !== null),
          ),
      ),
    leave: () => client.close(),
  };
};

/** Somebody who never heard of the SDK: a Y.Doc, a provider, two functions. */
export const stockPerson = async (url, name, room) => {
  const { client, conversationId } = await enter(url, name, room);
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${url.replace(/^http/, 'ws')}/sync`, conversationId, doc, {
    params: { token: await client.accessToken() },
    WebSocketPolyfill: WebSocket,
    disableBc: true,
  });
  const onUpdate = (look) => {
    doc.on('update', look);
    return () => doc.off('update', look);
  };
  await until(
    onUpdate,
    () => provider.synced || readMessages(doc).length > 0 || doc.getArray('segments').length > 0,
  );
  return {
    name,
    via: 'stock provider',
    client,
    conversationId,
    say: (text) => appendMessage(doc, { author: client.user.id, text }).id,
    sees: (id) => until(onUpdate, () => readMessages(doc).some((message) => message.id === id)),
    leave: () => {
      provider.destroy();
      // Ends the timer of the provider's presence too.
      doc.destroy();
      client.close();
    },
  };
};
