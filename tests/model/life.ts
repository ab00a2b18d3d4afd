// Seeded random lives of several honest clients on one conversation, what history says of them, and what must hold in the end.
// Does not own who else is there (the tests).
import type { ConversationChange } from '@parley/server/internal/features/messages/document/changes';
import { appendMessage, type DocumentMessage, reactionKey, readMessages, readWindow } from '@parley/shared';
import { expect } from 'chai';
import type * as Y from 'yjs';
import { edit, reaction } from '../harness/guard-attempts.js';
import { type BenchOptions, GuardBench, type Outcome, segmentOf } from '../harness/guard-bench.js';
import { Random } from '../harness/random.js';

export const EMOJI = ['👍', '🎉'];

interface Row {
  readonly author: string;
  readonly seq: number;
  text: string;
  deleted: boolean;
  readonly reactions: Set<string>;
}

/** History as projection would write it, in memory. */
class History {
  readonly rows = new Map<string, Row>();

  /** Carries the changes out and tells the view what projection would. */
  project(bench: GuardBench, changes: readonly unknown[]): void {
    const sequenced: { id: string; seq: number }[] = [];
    const repeated: string[] = [];
    for (const change of changes as readonly ConversationChange[]) {
      if (change.type === 'message') {
        const { id, author, text } = change.value;
        if (this.rows.has(id)) repeated.push(id);
        else {
          const seq = this.rows.size + 1;
          this.rows.set(id, { author, seq, text, deleted: false, reactions: new Set() });
          sequenced.push({ id, seq });
        }
      } else this.#later(change);
    }
    bench.projectAll();
    bench.view.learn({ documentId: 'conversation-1', sequenced, repeated, changed: [] });
  }

  #later(change: Exclude<ConversationChange, { type: 'message' }>): void {
    const row = this.rows.get(change.type === 'delete' ? change.message : change.value.message);
    if (row === undefined || row.deleted) return;
    if (change.type === 'delete') Object.assign(row, { deleted: true, text: '' });
    else if (change.type === 'edit' && change.value.author === row.author) row.text = change.value.text;
    else if (change.type === 'react') row.reactions.add(reactionKey(change.value));
    else if (change.type === 'unreact') row.reactions.delete(reactionKey(change.value));
  }
}

interface Client {
  readonly user: string;
  readonly access: 'write' | 'admin';
  doc: Y.Doc;
}

/** Where a message stands in a copy. */
const placeOf = (doc: Y.Doc, id: string): { segment: ReturnType<typeof segmentOf>; index: number } | null => {
  for (let at = 0; at < doc.getArray('segments').length; at += 1) {
    const segment = segmentOf(doc, at);
    const index = segment.messages.toArray().findIndex((value) => (value as { id: string }).id === id);
    if (index >= 0) return { segment, index };
  }
  return null;
};

/** One conversation and the people in it. */
export class Life {
  readonly bench: GuardBench;
  readonly history = new History();
  readonly random: Random;
  readonly clients: Client[];
  readonly log: string[] = [];

  constructor(seed: bigint, options: BenchOptions = { windowMessages: 8, segmentMessages: 3 }) {
    this.random = new Random(seed);
    this.bench = new GuardBench(options);
    // Two devices of one person, an admin, and somebody else.
    this.clients = ['ada', 'ada', 'bob', 'eve'].map((user) => ({
      user,
      access: user === 'eve' ? 'admin' : 'write',
      doc: this.bench.copy(),
    }));
  }

  step(): void {
    const client = this.random.pick(this.clients);
    const messages = readMessages(client.doc);
    const act = this.random.pick([
      'say',
      'say',
      'say',
      'edit',
      'react',
      'delete',
      'push',
      'push',
      'pull',
      'pull',
      'restart',
    ] as const);
    this.log.push(`${this.clients.indexOf(client)} ${act}`);
    if (act === 'say') appendMessage(client.doc, { author: client.user, text: `text ${this.log.length}` });
    else if (act === 'push') this.push(client);
    else if (act === 'pull') this.sync(client);
    else if (act === 'restart') this.#restart(client);
    else if (messages.length > 0) {
      const { user, access } = client;
      const message = this.random.pick(messages);
      const what = { act, message, text: `edited ${this.log.length}`, emoji: this.random.pick(EMOJI) };
      touch(client.doc, { user, isAdmin: access === 'admin' }, what);
    }
  }

  /** What a client does when the server asks what it has. */
  push(client: Client): void {
    const outcome = this.bench.send(client.user, this.bench.missing(client.doc), client.access);
    expect(outcome.rule, `an honest client is refused\n${this.log.join('\n')}`).to.equal(null);
    this.project(outcome);
  }

  /** What a connection does: the server asks first, then the client is told. */
  sync(client: Client): void {
    this.push(client);
    this.bench.pull(client.doc);
  }

  /** Lets everybody hear everything. Twice round: what the last one brings, the first must hear too. */
  settle(): void {
    for (let round = 0; round < 2; round += 1) for (const client of this.clients) this.sync(client);
    this.bench.tidy();
    for (const client of this.clients) this.bench.pull(client.doc);
  }

  /** Takes what came of an update into history. */
  project(outcome: Outcome): void {
    this.history.project(this.bench, outcome.changes);
    if (this.random.chance(50)) this.bench.tidy();
  }

  #restart(client: Client): void {
    this.push(client);
    client.doc = this.bench.copy();
  }
}

/** What a person does to a message in a copy; null where they may not, or it is not there. */
export const touch = (
  doc: Y.Doc,
  { user, isAdmin }: { readonly user: string; readonly isAdmin: boolean },
  { act, message, text, emoji }: Touch,
): 'edit' | 'delete' | 'react' | 'unreact' | null => {
  const place = placeOf(doc, message.id);
  if (place === null) return null;
  const mine = message.author === user;
  if (act === 'edit' && mine) {
    place.segment.edits.set(message.id, edit(message.id, user, text));
    return 'edit';
  }
  if (act === 'delete' && (mine || isAdmin)) {
    place.segment.messages.delete(place.index, 1);
    return 'delete';
  }
  if (act !== 'react') return null;
  const value = reaction(message.id, user, emoji);
  const key = reactionKey(value);
  if (place.segment.reactions.has(key)) {
    place.segment.reactions.delete(key);
    return 'unreact';
  }
  place.segment.reactions.set(key, value);
  return 'react';
};

export interface Touch {
  readonly act: 'edit' | 'delete' | 'react';
  readonly message: DocumentMessage;
  readonly text: string;
  readonly emoji: string;
}

export const reactionsOf = ({ id, reactions }: DocumentMessage): string[] =>
  Object.entries(reactions).flatMap(([emoji, users]) =>
    users.map((user) => reactionKey({ message: id, user, emoji })),
  );

/** Every copy shows the same, and history says what they show. */
export const expectAgreement = (life: Life): void => {
  const { bench, history, clients, log } = life;
  const shown = readMessages(bench.doc);
  for (const client of clients) expect(readMessages(client.doc), log.join('\n')).to.deep.equal(shown);
  for (const message of shown) {
    const row = history.rows.get(message.id);
    expect(row, log.join('\n')).to.include({ text: message.text, deleted: false, author: message.author });
    expect(reactionsOf(message).toSorted(), log.join('\n')).to.deep.equal(
      [...(row?.reactions ?? [])].toSorted(),
    );
  }
  const inWindow = new Set(shown.map(({ id }) => id));
  const startSeq = readWindow(bench.doc)?.startSeq ?? 1;
  const missing = [...history.rows].filter(
    ([id, row]) => !row.deleted && row.seq >= startSeq && !inWindow.has(id),
  );
  expect(missing, `the window lacks what it says it holds\n${log.join('\n')}`).to.deep.equal([]);
};
