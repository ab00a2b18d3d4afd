// What must hold in a world once it has come to rest.
import { createParleyClient } from '@parley/client';
import { type DocumentMessage, type Message, readMessages, readWindow } from '@parley/shared';
import * as Y from 'yjs';
import { TEST_PASSWORD } from '../harness/api.js';
import { readHistory } from '../harness/history.js';
import { RawClient } from '../harness/raw-client.js';
import { reactionsOf } from './life.js';
import type { Tab } from './person.js';
import { SdkTab } from './sdk-tab.js';
import { StockTab } from './stock-tab.js';
import { pause, type World } from './world.js';

/** A world, or what is like one. */
export interface Restable extends Pick<World, 'tabs' | 'members' | 'faults' | 'ledger' | 'room' | 'calm'> {
  readonly servers: { readonly url: string | null };
}

const PATIENCE_MS = 20_000;
const AGAIN_MS = 40;

/** Lets everybody hear everything, then says what is not as it must be. */
export const settle = async (world: Restable): Promise<string[]> => {
  await world.calm();
  const until = Date.now() + PATIENCE_MS;
  const last = await lastWords(world, until);
  for (;;) {
    // A line that was just cut may still carry a request.
    const wrong = await look(world, last).catch((error: unknown) => [`nobody could look: ${String(error)}`]);
    if (wrong.length === 0) return world.faults;
    if (Date.now() > until) return [...world.faults, ...wrong, ...(await refusals(world))];
    await pause(AGAIN_MS);
  }
};

const here = ({ tabs }: Restable): Tab[] => tabs.filter(({ person }) => !person.isOut);

/** Everybody says one last thing, again where a new generation or a new copy swallowed it; all that was said before is stored then. */
const lastWords = async (world: Restable, until: number): Promise<ReadonlySet<string>> => {
  const said = new Map<Tab, string>();
  for (;;) {
    for (const tab of here(world)) {
      const before = said.get(tab);
      if (before !== undefined && tab.owed.has(before)) continue;
      const id = tab.say(`last words of ${tab.person.name}`);
      if (id !== null) said.set(tab, id);
    }
    const ids = [...said.values()];
    const isHeard = (tab: Tab): boolean => {
      const shown = new Set(tab.messages.map(({ id }) => id));
      return ids.every((id) => shown.has(id));
    };
    if (ids.length === here(world).length && here(world).every(isHeard)) return new Set(ids);
    if (Date.now() > until) return new Set(ids);
    await pause(AGAIN_MS);
  }
};

/** Why the server does not take what stock copies hold, which nobody tells them. */
const refusals = async (world: Restable): Promise<string[]> => {
  const told: string[] = [];
  for (const tab of here(world)) {
    if (!(tab instanceof StockTab)) continue;
    const { token, line } = tab;
    const raw = new RawClient({ url: line.url, conversationId: world.room, token, acks: true });
    try {
      await raw.synced();
      raw.update(Y.encodeStateAsUpdate(tab.doc));
      await raw.next('stored', ({ upTo }) => upTo === raw.sent);
    } catch (error) {
      told.push(`${tab.person.name} cannot join: ${String(error)}`);
    }
    for (const frame of raw.frames)
      if (frame.type === 'refused')
        told.push(`${tab.person.name} is refused: ${JSON.stringify(frame.refusal)}`);
    await raw.close();
  }
  return told;
};

const look = async (world: Restable, last: ReadonlySet<string>): Promise<string[]> => {
  const admin = world.members.find(({ isAdmin }) => isAdmin);
  if (admin === undefined) throw new Error('a world has an admin');
  const history = await readHistory(admin.api, world.room);
  const doc = await freshCopy(world, admin.username);
  if (doc === null) return ['nobody new can join'];
  const window = readMessages(doc);
  const wrong = [...world.ledger.faultsOf(history), ...faultsOfDocument(doc, history)];
  const rows = new Set(history.map(({ id }) => id));
  for (const tab of world.tabs) {
    const who = `${tab.person.name}/${world.tabs.indexOf(tab)}`;
    for (const id of tab.relayed)
      if (!rows.has(id)) wrong.push(`${who} was shown ${id}, which is not in history`);
    if (tab.person.isOut) {
      if (tab.messages.some(({ id }) => last.has(id))) wrong.push(`${who} is out and heard the last words`);
      continue;
    }
    for (const id of tab.owed) if (!rows.has(id)) wrong.push(`${who} has ${id} and history has not`);
    if (!tab.isInStep) wrong.push(`${who} is not in step`);
    if (tab instanceof SdkTab)
      wrong.push(...faultsOfList(tab, history, window).map((text) => `${who}: ${text}`));
    else if (!isSame(tab.messages, window))
      wrong.push(`${who} shows ${brief(tab.messages)} and not ${brief(window)}`);
  }
  return wrong.length > 0 ? wrong : await faultsOfNewcomer(world, admin.username, history);
};

const isSame = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
const brief = (messages: readonly { readonly text: string }[]): string =>
  JSON.stringify(messages.map(({ text }) => text));

const freshCopy = async (world: Restable, login: string): Promise<Y.Doc | null> => {
  const url = world.servers.url ?? '';
  const client = createParleyClient({ url });
  await client.signIn({ login, password: TEST_PASSWORD });
  const raw = new RawClient({ url, conversationId: world.room, token: await client.accessToken() });
  try {
    await raw.synced();
    await raw.close();
    return raw.doc;
  } catch {
    return null;
  }
};

/** The document and history say the same, and the document holds nothing else. */
const faultsOfDocument = (doc: Y.Doc, history: readonly Message[]): string[] => {
  const faults: string[] = [];
  const roots = [...doc.share.keys()].filter((name) => name !== 'segments' && name !== 'meta');
  if (roots.length > 0) faults.push(`the document has roots ${roots.join()}`);
  const shown = new Map(readMessages(doc).map((message) => [message.id, message]));
  const startSeq = readWindow(doc)?.startSeq ?? 1;
  for (const row of history) {
    const message = shown.get(row.id);
    shown.delete(row.id);
    if (message === undefined) {
      if (row.seq >= startSeq && row.deletedAt === null)
        faults.push(`the window lacks ${row.seq}: ${row.text}`);
    } else if (row.deletedAt !== null) faults.push(`the window shows ${row.seq}, which is deleted`);
    else faults.push(...differences(message, row));
  }
  for (const { id, text } of shown.values())
    faults.push(`the window shows ${id}: ${text}, and history has it not`);
  return faults;
};

const differences = (message: DocumentMessage, row: Message): string[] => {
  const asRow = {
    text: row.text,
    author: row.author.id,
    reactions: reactionsOf({ ...message, reactions: row.reactions }).sort(),
  };
  const asShown = { text: message.text, author: message.author, reactions: reactionsOf(message).sort() };
  return isSame(asRow, asShown)
    ? []
    : [`${row.seq} is ${JSON.stringify(asRow)} and shown as ${JSON.stringify(asShown)}`];
};

/** A list of the SDK has no holes from where it begins; what has left the window may be told as it was then. */
const faultsOfList = (
  tab: SdkTab,
  history: readonly Message[],
  window: readonly DocumentMessage[],
): string[] => {
  const list = tab.conversation?.messages ?? [];
  const faults = list
    .filter(({ state }) => state === 'pending')
    .map(({ id, text }) => `${id} is pending: ${text}`);
  const stored = list.filter(({ seq, deletedAt }) => seq !== null && deletedAt === null);
  const from = stored[0]?.seq ?? 1;
  const expected = history.filter(({ seq, deletedAt }) => seq >= from && deletedAt === null);
  const inWindow = new Map(window.map((message) => [message.id, message]));
  const shown = new Set(stored.map(({ id }) => id));
  const missing = expected.filter(({ id }) => !shown.has(id)).map(({ seq, text }) => `${seq} (${text})`);
  if (missing.length > 0) {
    const numbers = (some: readonly { readonly seq: number | null }[]): string =>
      some.map(({ seq }) => seq).join(' ');
    const windowed = history.filter(({ id }) => inWindow.has(id));
    faults.push(
      `the list lacks ${missing.join(', ')}; it has ${numbers(stored)}; the window has ${numbers(windowed)}`,
    );
  }
  for (const [index, item] of stored.entries()) {
    const before = stored[index - 1];
    if ((before?.seq ?? 0) >= (item.seq ?? 0)) faults.push(`${item.seq} stands after ${before?.seq}`);
    const message = inWindow.get(item.id);
    if (message !== undefined && message.text !== item.text)
      faults.push(`${item.seq} is "${item.text}", not "${message.text}"`);
  }
  return faults;
};

/** Who comes now and pages back to the beginning sees exactly what history holds. */
const faultsOfNewcomer = async (
  world: Restable,
  login: string,
  history: readonly Message[],
): Promise<string[]> => {
  const client = createParleyClient({ url: world.servers.url ?? '' });
  try {
    await client.signIn({ login, password: TEST_PASSWORD });
    const conversation = client.conversation(world.room);
    await conversation.whenSynced();
    while (await conversation.loadOlder(100)) {}
    const seen = conversation.messages
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ seq, id, text }) => ({ seq, id, text }));
    const rows = history
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ seq, id, text }) => ({ seq, id, text }));
    return isSame(seen, rows)
      ? []
      : [`a newcomer sees ${JSON.stringify(seen)} and not ${JSON.stringify(rows)}`];
  } finally {
    client.close();
  }
};
