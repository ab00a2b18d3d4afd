// A chat of two people through a client that was generated from the OpenAPI document, as one in another language would be: run with
// the address of a server, tells on its last line what came of it.
import { ok } from '@oazapfts/runtime';
import * as parley from './client.js';

const [url = ''] = process.argv.slice(2);
parley.defaults.baseUrl = url;

const register = async (name: string) => {
  const username = `${name}-${process.pid}`;
  const { user, tokens } = await ok(parley.authRegister({ username, password: 'quite-a-long-secret-7' }));
  return { id: user.id, as: { headers: { authorization: `Bearer ${tokens.accessToken}` } } };
};

const ada = await register('ada');
const bob = await register('bob');
const { id: conversationId } = await ok(
  parley.groupsCreate({ name: 'generated', members: [bob.id] }, ada.as),
);

const bytes = new TextEncoder().encode('the plans of the engine');
const ticket = await ok(
  parley.filesTicket({ conversationId, name: 'plans.txt', size: bytes.length }, ada.as),
);
await ok(parley.filesUpload(ticket.url.slice('/files/'.length), new Blob([bytes])));
const sent = await ok(
  parley.messagesSend(
    conversationId,
    { text: 'see the plans', mentions: [bob.id], files: [ticket.fileId] },
    ada.as,
  ),
);
await ok(
  parley.messagesEdit(conversationId, sent.id, { text: 'see the new plans', mentions: [bob.id] }, ada.as),
);
await ok(parley.messagesReact(conversationId, sent.id, '👍', bob.as));
await ok(parley.messagesSend(conversationId, { text: 'seen', replyTo: sent.id }, bob.as));

const history = await ok(parley.messagesList(conversationId, { direction: 'newer', limit: 10 }, bob.as));
const found = await ok(parley.messagesSearch('new plans', { conversationId }, bob.as));
const notifications = await ok(parley.notificationsList({ unread: true }, bob.as));
const file = await ok(parley.filesGet(ticket.fileId, bob.as));
const kept = await (await fetch(`${url}${file.url}`)).text();
const refused = await parley.groupsDelete(conversationId, bob.as);
await ok(parley.groupsDelete(conversationId, ada.as));
const gone = await parley.groupsGet(conversationId, ada.as);

const told = {
  said: history.items.filter(({ system }) => system === null).map(({ text }) => text),
  reactions: history.items.find(({ id }) => id === sent.id)?.reactions,
  found: found.items.map(({ message }) => message.text),
  notified: notifications.items.map(({ kind }) => kind),
  file: kept,
  refused: refused.status === 403 ? refused.data.error.code : refused.status,
  gone: gone.status,
};
console.log(JSON.stringify({ ...told, bob: bob.id }));
