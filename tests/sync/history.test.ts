import {
  createConversationModel,
  createMembershipModel,
  type MembershipModel,
} from '@parley/server/internal/features/conversations/index';
import {
  createFriendshipModel,
  createStandings,
  type Standings,
} from '@parley/server/internal/features/friends/index';
import type { ConversationChange } from '@parley/server/internal/features/messages/document/changes';
import { HistoryProjector } from '@parley/server/internal/features/messages/document/project';
import {
  createMessageModel,
  type MessageModel,
} from '@parley/server/internal/features/messages/message.model';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import type { StoredChanges } from '@parley/server/internal/sync/ports';
import { type MessageValue, messageValue, newId } from '@parley/shared';
import { expect } from 'chai';
import { noFiles } from '../harness/no-files.js';
import { noSearch } from '../harness/no-search.js';
import { silentLog, tellNobody } from '../harness/silent-log.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

type Batch = StoredChanges<ConversationChange>;

const said = (author: string, text: string): MessageValue => messageValue({ author, text });
const batchOf = (documentId: string, position: number, changes: ConversationChange[]): Batch => ({
  documentId,
  position,
  at: new Date(1_700_000_000_000 + position),
  changes,
});
const messages = (...values: MessageValue[]): ConversationChange[] =>
  values.map((value) => ({ type: 'message', value }));

describe('projection into history', () => {
  let testStore: TestStore;
  let model: MessageModel;
  let conversations: ReturnType<typeof createConversationModel>;
  let memberships: MembershipModel;
  let friendships: ReturnType<typeof createFriendshipModel>;
  let conversation: string;

  before(async () => {
    testStore = await startTestStore();
    model = createMessageModel(testStore.connection);
    conversations = createConversationModel(testStore.connection);
    memberships = createMembershipModel(testStore.connection);
    friendships = createFriendshipModel(testStore.connection);
    await ensureIndexes(testStore.connection);
  });

  after(() => testStore.close());

  beforeEach(async () => {
    conversation = newId();
    const now = new Date(0);
    await conversations.create({
      _id: conversation,
      kind: 'room',
      name: conversation,
      nameKey: conversation,
      visibility: 'public',
      createdBy: 'ada',
      createdAt: now,
      activeAt: now,
    });
  });

  const member = async (user: string): Promise<void> => {
    const joinedAt = new Date();
    await memberships.create({ _id: newId(), conversation, user, role: 'member', state: 'member', joinedAt });
  };

  /** A projector as a process has it after a start: it remembers nothing. */
  const fresh = (standings = createStandings(friendships)): HistoryProjector =>
    new HistoryProjector({
      models: { messages: model, conversations, memberships },
      standings,
      files: noFiles,
      searchIndex: noSearch,
      publish: tellNobody,
      log: silentLog,
    });
  const rows = () => model.find({ conversation }).sort({ seq: 1 }).lean();
  const texts = async (): Promise<string[]> => (await rows()).map(({ seq, text }) => `${seq} ${text}`);

  it('[O7] gives numbers in log order and tells the conversation', async () => {
    const [one, two, three] = [said('ada', 'one'), said('bob', 'two'), said('ada', 'three')];
    const projector = fresh();
    const projected = await projector.project([
      batchOf(conversation, 2, messages(one, two)),
      batchOf(conversation, 3, messages(three)),
    ]);
    expect(projected).to.deep.equal([
      {
        documentId: conversation,
        sequenced: [
          { id: one.id, seq: 1 },
          { id: two.id, seq: 2 },
          { id: three.id, seq: 3 },
        ],
        repeated: [],
        changed: [],
      },
    ]);
    expect(await texts()).to.deep.equal(['1 one', '2 two', '3 three']);
    await projector.flush();
    expect(await conversations.findById(conversation).lean()).to.deep.include({
      messageCount: 3,
      lastMessage: three.id,
      activeAt: new Date(1_700_000_000_003),
    });
  });

  it('[O7] has the same effect twice, wherever the first try stopped', async () => {
    const values = Array.from({ length: 5 }, (_, index) => said('ada', `number ${index + 1}`));
    const batches = [batchOf(conversation, 2, messages(...values))];
    await fresh().project(batches);
    // as if the process had died after two rows
    await model.deleteMany({ conversation, seq: { $gt: 2 } });
    const again = await fresh().project(batches);
    expect(again[0]?.sequenced.map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4, 5]);
    await fresh().project(batches);
    expect(await texts()).to.deep.equal(values.map(({ text }, index) => `${index + 1} ${text}`));
  });

  it('[O7] numbers what is new beside what history has already, in one step', async () => {
    const other = newId();
    const [old, next] = [said('ada', 'old'), said('ada', 'next')];
    const [first, second] = [said('bob', 'first'), said('bob', 'second')];
    await fresh().project([batchOf(conversation, 2, messages(old))]);
    const projected = await fresh().project([
      batchOf(other, 2, messages(first)),
      batchOf(conversation, 2, messages(old)),
      batchOf(other, 3, messages(old, second)),
      batchOf(conversation, 3, messages(next)),
    ]);
    const told = projected.map(({ sequenced, repeated }) => [sequenced.map(({ seq }) => seq), repeated]);
    expect(told).to.deep.equal([
      [[1, 2], [old.id]],
      [[1, 2], []],
    ]);
    expect(await texts()).to.deep.equal(['1 old', '2 next']);
    const elsewhere = await model.find({ conversation: other }).sort({ seq: 1 }).lean();
    expect(elsewhere.map(({ seq, text }) => `${seq} ${text}`)).to.deep.equal(['1 first', '2 second']);
  });

  it('[O7] tells the conversation and its authors of what a try that stopped half-way had brought', async () => {
    await member('ada');
    const value = said('ada', 'one');
    const batches = [batchOf(conversation, 2, messages(value))];
    // as if the process had died after the row
    await fresh().project(batches);
    expect((await conversations.findById(conversation).lean())?.messageCount).to.equal(0);
    const next = fresh();
    await next.project(batches);
    await next.flush();
    expect(await conversations.findById(conversation).lean()).to.deep.include({
      messageCount: 1,
      lastMessage: value.id,
    });
    expect((await memberships.findOne({ conversation }).lean())?.lastReadSeq).to.equal(1);
  });

  it('[C12] gives no second row to an id that history has from elsewhere, and names it', async () => {
    const value = said('ada', 'once');
    const projector = fresh();
    await projector.project([batchOf(conversation, 2, messages(value))]);
    const [again] = await projector.project([batchOf(conversation, 9, messages(value, said('ada', 'next')))]);
    expect(again?.repeated).to.deep.equal([value.id]);
    const other = await projector.project([batchOf(newId(), 2, messages({ ...value, author: 'mallory' }))]);
    expect(other[0]?.repeated).to.deep.equal([value.id]);
    expect(await texts()).to.deep.equal(['1 once', '2 next']);
    expect((await rows())[0]?.author).to.equal('ada');
  });

  it('carries out edits, reactions and deletions, once and again', async () => {
    const value = said('ada', 'helo');
    const reaction = {
      v: 1 as const,
      type: 'reaction' as const,
      message: value.id,
      user: 'bob',
      emoji: '👍',
    };
    const edit = {
      v: 1 as const,
      type: 'edit' as const,
      message: value.id,
      author: 'ada',
      text: 'hello',
      editedAt: 5,
    };
    const batches = [
      batchOf(conversation, 2, messages(value)),
      batchOf(conversation, 3, [
        { type: 'edit', value: edit },
        { type: 'react', value: reaction },
      ]),
    ];
    await fresh().project(batches);
    await fresh().project(batches);
    const [row] = await rows();
    expect(row).to.deep.include({
      text: 'hello',
      editedAt: new Date(1_700_000_000_003),
      reactions: [{ emoji: '👍', user: 'bob' }],
    });
    await fresh().project([batchOf(conversation, 4, [{ type: 'unreact', value: reaction }])]);
    expect((await rows())[0]?.reactions).to.deep.equal([]);
    await fresh().project([batchOf(conversation, 5, [{ type: 'delete', message: value.id, by: 'ada' }])]);
    expect((await rows())[0]).to.deep.include({ text: '', deletedAt: new Date(1_700_000_000_005) });
    await fresh().project([batchOf(conversation, 6, [{ type: 'edit', value: edit }])]);
    expect((await rows())[0]?.text, 'what is deleted stays so').to.equal('');
  });

  it('[C6] lets a late edit change only its author’s own message', async () => {
    const value = said('ada', 'mine');
    const edit = {
      v: 1 as const,
      type: 'edit' as const,
      message: value.id,
      author: 'mallory',
      text: 'hers',
      editedAt: 5,
    };
    await fresh().project([
      batchOf(conversation, 2, messages(value)),
      batchOf(conversation, 3, [{ type: 'edit', value: edit }]),
    ]);
    expect(await texts()).to.deep.equal(['1 mine']);
  });

  it('counts what somebody wrote as read by them', async () => {
    await member('ada');
    await member('bob');
    const projector = fresh();
    await projector.project([
      batchOf(conversation, 2, messages(said('ada', 'one'), said('bob', 'two'), said('ada', 'three'))),
    ]);
    await projector.flush();
    const rows = await memberships.find({ conversation }).sort({ user: 1 }).lean();
    expect(rows.map(({ user, lastReadSeq }) => [user, lastReadSeq])).to.deep.equal([
      ['ada', 3],
      ['bob', 2],
    ]);
  });

  it('keeps what could not be told of, and tells it the next time, the newest of each', async () => {
    let failures = 1;
    const { collection } = conversations;
    const bulkWrite: typeof collection.bulkWrite = (...args) => {
      failures -= 1;
      return failures >= 0 ? Promise.reject(new Error('not now')) : collection.bulkWrite(...args);
    };
    const failing = Object.create(conversations, {
      db: { value: { collection: () => ({ bulkWrite }) } },
      findById: { value: conversations.findById.bind(conversations) },
    });
    const projector = new HistoryProjector({
      models: { messages: model, conversations: failing, memberships },
      standings: createStandings(friendships),
      files: noFiles,
      searchIndex: noSearch,
      publish: tellNobody,
      log: silentLog,
    });
    await member('ada');
    await projector.project([batchOf(conversation, 2, messages(said('ada', 'one')))]);
    const failed = await projector.flush().then(
      () => false,
      () => true,
    );
    expect(failed).to.equal(true);
    const last = said('ada', 'two');
    await projector.project([batchOf(conversation, 3, messages(last))]);
    await Promise.all([projector.flush(), projector.flush()]);
    expect(await conversations.findById(conversation).lean()).to.deep.include({
      messageCount: 2,
      lastMessage: last.id,
    });
    expect((await memberships.findOne({ conversation }).lean())?.lastReadSeq).to.equal(2);
  });

  it('tells of one conversation where somebody waits for that, and of the others later', async () => {
    const other = newId();
    const like = await conversations.findById(conversation).lean();
    await conversations.create({ ...like, _id: other, name: other, nameKey: other });
    const projector = fresh();
    const both = [conversation, other].map((id) => batchOf(id, 2, messages(said('ada', id))));
    await projector.project(both);
    const counts = async () =>
      (await conversations.find({ _id: { $in: [conversation, other] } }).lean())
        .map(({ _id, messageCount }) => [_id === other, messageCount])
        .sort();
    await Promise.all([projector.flush(other), projector.flush(other)]);
    expect(await counts()).to.deep.equal([
      [false, 0],
      [true, 1],
    ]);
    await Promise.all([projector.flush(), projector.flush(other)]);
    expect(await counts()).to.deep.equal([
      [false, 1],
      [true, 1],
    ]);
  });

  describe('of mentions', () => {
    beforeEach(() => friendships.deleteMany({}));

    const block = async (by: string, whom: string): Promise<void> => {
      const users = [by, whom].sort();
      const stands = { state: 'blocked', requestedBy: null, blockedBy: [by], since: new Date(0) } as const;
      await friendships.create({ _id: users.join(':'), users, ...stands });
    };
    const mentioning = (...mentions: string[]): MessageValue =>
      messageValue({ author: 'ada', text: 'all of you', mentions });
    const editOf = (value: MessageValue, ...mentions: string[]): ConversationChange => ({
      type: 'edit',
      value: { v: 1, type: 'edit', message: value.id, author: 'ada', text: 'you too', mentions, editedAt: 5 },
    });
    const mentioned = async (): Promise<string[][]> => (await rows()).map(({ mentions }) => mentions);

    it('[C14] leaves out whom the author has blocked, and who has blocked the author, in messages and edits', async () => {
      await block('ada', 'bob');
      await block('eve', 'ada');
      await block('bob', 'zoe');
      const [said1, said2] = [mentioning('zoe', 'bob', 'eve'), mentioning('ada', 'nobody', 'zoe')];
      const batches = [
        batchOf(conversation, 2, messages(said1, said2)),
        batchOf(conversation, 3, [editOf(said2, 'eve', 'zoe', 'bob')]),
      ];
      for (let twice = 0; twice < 2; twice += 1) {
        await fresh().project(batches);
        expect(await mentioned()).to.deep.equal([['zoe'], ['zoe']]);
        expect(await texts()).to.deep.equal(['1 all of you', '2 you too']);
      }
    });

    it('asks once for a step that mentions people, and not at all for others', async () => {
      const asked: string[][] = [];
      const counting: Standings = (pairs) => {
        asked.push(Array.from(pairs, (pair) => pair.join(' ')));
        return createStandings(friendships)(pairs);
      };
      const projector = fresh(counting);
      const value = said('ada', 'to nobody');
      await projector.project([batchOf(conversation, 2, [...messages(value), editOf(value)])]);
      expect(asked).to.deep.equal([]);
      const other = newId();
      const [here, there] = [mentioning('bob'), mentioning('eve')];
      const batches = [
        batchOf(conversation, 3, messages(here)),
        batchOf(other, 2, [...messages(there), editOf(there, 'zoe')]),
      ];
      await projector.project(batches);
      expect(asked).to.deep.equal([['ada bob', 'ada eve', 'ada zoe']]);
    });

    it('[C14] does not go on without an answer, and has the mention where the next try finds no block', async () => {
      const value = mentioning('bob');
      const batches = [batchOf(conversation, 2, messages(value))];
      const failed = await fresh(() => Promise.reject(new Error('not now')))
        .project(batches)
        .then(
          () => false,
          () => true,
        );
      expect([failed, await texts()]).to.deep.equal([true, []]);
      await fresh().project(batches);
      expect(await mentioned()).to.deep.equal([['bob']]);
    });

    it('looks up pairs by their keys alone, however many there are and however long', async () => {
      const strange = (index: number): string => `${index}`.padEnd(64, '\u4eba');
      const pairs = Array.from(
        { length: 50_000 },
        (_, index) => [strange(index), strange(-1 - index)] as const,
      );
      await block('bob', 'ada');
      const filters: object[] = [];
      const find = (filter: object) => {
        filters.push(filter);
        return friendships.find(filter);
      };
      const watched = Object.create(friendships, { find: { value: find } });
      const standing = await createStandings(watched)([...pairs, ['ada', 'bob']]);
      expect(standing('ada', 'bob')).to.equal('blocked');
      expect(pairs.some((pair) => standing(...pair) !== 'none')).to.equal(false);
      for (const filter of filters.slice(0, 2))
        expect(JSON.stringify(await friendships.find(filter).explain('queryPlanner'))).not.to.include(
          'COLLSCAN',
        );
    });
  });

  it('serves many conversations in one step', async () => {
    const ids = Array.from({ length: 20 }, () => newId());
    const projected = await fresh().project(ids.map((id) => batchOf(id, 2, messages(said('ada', id)))));
    expect(projected.map(({ documentId, sequenced }) => [documentId, sequenced[0]?.seq])).to.deep.equal(
      ids.map((id) => [id, 1]),
    );
  });
});
