import {
  appendMessage,
  CONVERSATION_MODEL,
  encodeStateVector,
  type Message,
  newId,
  reactionKey,
  readMessages,
} from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { Random } from '../harness/random.js';
import { RawClient } from '../harness/raw-client.js';

type Action =
  | {
      readonly type: 'send';
      readonly text: string;
      readonly replyTo: number | null;
      readonly mentions: readonly number[];
    }
  | { readonly type: 'edit'; readonly target: number; readonly text: string }
  | { readonly type: 'delete'; readonly target: number }
  | { readonly type: 'react' | 'unreact'; readonly target: number; readonly emoji: string };

/** Carries actions out in one conversation, by one door; whether it was let in. */
interface Door {
  readonly ids: readonly string[];
  act(person: number, action: Action): Promise<boolean>;
  close(): Promise<void>;
}

const EMOJIS = ['👍', '🎉', '❤️'];
/** Messages that a script still means: the newest ones, which are in the window. */
const REACH = 8;

describe('the two doors of a conversation', () => {
  let server: TestServer;
  let people: TestPerson[];
  before(async () => {
    server = await startTestServer({ windowMessages: 20, segmentMessages: 5 });
    people = await Promise.all(['ada', 'bob', 'eve'].map((name) => signUp(server, name)));
  });
  after(() => server.close());

  const room = async (name: string): Promise<string> => {
    const [first, ...others] = people;
    if (first === undefined) throw new Error('somebody must be there');
    const { room: made } = await first.api.rooms.joinOrCreate.mutate({ name });
    for (const person of others) await person.api.rooms.joinOrCreate.mutate({ name });
    return made.id;
  };
  const personAt = (index: number): TestPerson => people[index] as TestPerson;
  const idsOf = (indices: readonly number[]): string[] => indices.map((index) => personAt(index).id);

  const byProcedure = (conversationId: string): Door => {
    const ids: string[] = [];
    const carryOut = async (person: number, action: Action): Promise<void> => {
      const { messages } = personAt(person).api;
      if (action.type === 'send') {
        const { text, replyTo, mentions } = action;
        const id = newId();
        const reply = replyTo === null ? {} : { replyTo: ids[replyTo] };
        await messages.send.mutate({ conversationId, id, text, mentions: idsOf(mentions), ...reply });
        ids.push(id);
        return;
      }
      const ref = { conversationId, id: ids[action.target] ?? '' };
      if (action.type === 'edit') await messages.edit.mutate({ ...ref, text: action.text });
      else if (action.type === 'delete') await messages.delete.mutate(ref);
      else await messages[action.type].mutate({ ...ref, emoji: action.emoji });
    };
    return {
      ids,
      act: (person, action) =>
        carryOut(person, action).then(
          () => true,
          () => false,
        ),
      close: async () => undefined,
    };
  };

  /** Resolves when everything that others have said is here. */
  const inStep = async (client: RawClient): Promise<void> => {
    const replies = (): number => client.frames.filter(({ type }) => type === 'reply').length;
    const before = replies();
    client.send(encodeStateVector(Y.encodeStateVector(client.doc)));
    await client.until(() => replies() > before);
  };

  const byDocument = (conversationId: string): Door => {
    const ids: string[] = [];
    const clients = new Map<number, RawClient>();
    const clientOf = async (person: number): Promise<RawClient> => {
      const known = clients.get(person);
      if (known !== undefined) return known;
      const { token } = personAt(person);
      const client = await new RawClient({ url: server.url, conversationId, token, acks: true }).synced();
      clients.set(person, client);
      return client;
    };
    const write = (doc: Y.Doc, person: number, action: Action): void => {
      const author = personAt(person).id;
      if (action.type === 'send') {
        const { text, replyTo, mentions } = action;
        const reply = replyTo === null ? {} : { replyTo: ids[replyTo] ?? '' };
        ids.push(appendMessage(doc, { author, text, mentions: idsOf(mentions), ...reply }).id);
        return;
      }
      const message = ids[action.target] ?? '';
      for (const segment of doc.getArray<Y.Map<unknown>>('segments')) {
        const [messages, edits, reactions] = ['messages', 'edits', 'reactions'].map((part) =>
          segment.get(part),
        );
        if (!(messages instanceof Y.Array) || !(edits instanceof Y.Map) || !(reactions instanceof Y.Map))
          continue;
        const at = messages.toArray().findIndex((value: { id: string }) => value.id === message);
        if (at < 0) continue;
        const shape = { v: CONVERSATION_MODEL, message } as const;
        if (action.type === 'delete') messages.delete(at, 1);
        else if (action.type === 'edit')
          edits.set(message, { ...shape, type: 'edit', author, text: action.text, editedAt: Date.now() });
        else {
          const reaction = { ...shape, type: 'reaction', user: author, emoji: action.emoji } as const;
          if (action.type === 'react') reactions.set(reactionKey(reaction), reaction);
          else reactions.delete(reactionKey(reaction));
        }
      }
    };
    return {
      ids,
      act: async (person, action) => {
        const client = await clientOf(person);
        await inStep(client);
        const before = client.frames.length;
        const sent = client.sent;
        const isThere =
          action.type === 'send' || readMessages(client.doc).some(({ id }) => id === ids[action.target]);
        client.write((doc) => write(doc, person, action));
        if (!isThere) return false;
        if (client.sent === sent) return true;
        await client.until(() =>
          client.frames.slice(before).some(({ type }) => type === 'stored' || type === 'refused'),
        );
        if (!client.frames.slice(before).some(({ type }) => type === 'refused')) return true;
        // What was refused stands in this copy: it goes on with a fresh one.
        clients.delete(person);
        await client.close();
        return false;
      },
      close: async () => {
        for (const client of clients.values()) await client.close();
      },
    };
  };

  const nextAction = (random: Random, sent: number): Action => {
    const target = Math.max(0, sent - 1 - random.below(REACH));
    const emoji = EMOJIS[random.below(EMOJIS.length)] ?? '👍';
    const what = sent === 0 ? 0 : random.below(10);
    if (what < 4) {
      const mentions = [0, 1, 2].filter(() => random.below(4) === 0);
      const replyTo = sent > 0 && random.below(3) === 0 ? target : null;
      return { type: 'send', text: `said ${random.below(1_000_000)}`, replyTo, mentions };
    }
    if (what < 6) return { type: 'edit', target, text: `edited ${random.below(1_000_000)}` };
    if (what === 6) return { type: 'delete', target };
    return { type: what < 9 ? 'react' : 'unreact', target, emoji };
  };

  /** History as both doors must leave it: ids are told apart by their place. */
  const historyOf = async (conversationId: string, ids: readonly string[]) => {
    const items: Message[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await personAt(0).api.messages.list.query({
        ...{ conversationId, direction: 'newer', limit: 100 },
        ...(cursor && { cursor }),
      });
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items.map(
      ({ id, seq, author, text, system, replyTo, mentions, reactions, editedAt, deletedAt }) => ({
        ...{ index: ids.indexOf(id), seq, author: author.id, text, system, mentions },
        replyTo: replyTo === null ? null : ids.indexOf(replyTo),
        reactions: Object.fromEntries(
          Object.entries(reactions).map(([emoji, who]) => [emoji, who.toSorted()]),
        ),
        ...{ isEdited: editedAt !== null, isDeleted: deletedAt !== null },
      }),
    );
  };

  for (const seed of [1n, 2n, 3n]) {
    it(`leave the same history of the same script, and let the same in (seed ${seed})`, async () => {
      const random = new Random(seed);
      const [one, other] = [await room(`by procedures ${seed}`), await room(`document ${seed}`)];
      const doors = [byProcedure(one), byDocument(other)] as const;
      const refused: number[] = [];
      for (let step = 0; step < 60; step += 1) {
        const person = random.below(people.length);
        const action = nextAction(random, doors[0].ids.length);
        const answers = [await doors[0].act(person, action), await doors[1].act(person, action)];
        expect(answers[1], `${step}: ${person} ${JSON.stringify(action)}`).to.equal(answers[0]);
        if (answers[0] === false) refused.push(step);
      }
      const histories = [await historyOf(one, doors[0].ids), await historyOf(other, doors[1].ids)];
      expect(histories[1]).to.deep.equal(histories[0]);
      expect(refused.length).to.be.above(3);
      await doors[1].close();
    });
  }
});
