// The words of messages beside history, while history changes under them.
import {
  createConversationModel,
  freshConversation,
} from '@parley/server/internal/features/conversations/conversation.model';
import { createMessageModel } from '@parley/server/internal/features/messages/message.model';
import { TermsIndex } from '@parley/server/internal/features/messages/search/search-index';
import {
  createTermsModel,
  type TermsModel,
} from '@parley/server/internal/features/messages/search/terms.model';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { silentLog } from '../harness/silent-log.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

describe('the index of words', () => {
  let store: TestStore;
  let parts: ConstructorParameters<typeof TermsIndex>[0];
  let conversation: string;
  before(async () => {
    store = await startTestStore();
    const { connection } = store;
    parts = {
      conversations: createConversationModel(connection),
      messages: createMessageModel(connection),
      messageTerms: createTermsModel(connection),
      log: silentLog,
    };
    await ensureIndexes(connection);
  });
  after(() => store.close());

  beforeEach(async () => {
    conversation = newId();
    const at = new Date();
    await parts.conversations.insertOne({
      ...{ ...freshConversation, _id: conversation, kind: 'room', name: conversation, nameKey: conversation },
      ...{ visibility: 'public', createdBy: 'ada', createdAt: at, activeAt: at },
    });
  });

  let seq = 0;
  const say = async (...texts: string[]): Promise<string[]> => {
    const at = new Date();
    const rows = texts.map((text) => {
      seq += 1;
      return {
        ...{ _id: newId(), conversation, seq, position: seq, author: 'ada', text, system: null, files: [] },
        ...{ replyTo: null, mentions: [], reactions: [], sentAt: at, receivedAt: at },
        ...{ editedAt: null, deletedAt: null },
      };
    });
    await parts.messages.insertMany(rows);
    return rows.map(({ _id }) => _id);
  };
  const index = (messageTerms: TermsModel = parts.messageTerms): TermsIndex =>
    new TermsIndex({ ...parts, messageTerms });
  const termsOf = async (id: string) => (await parts.messageTerms.findById(id).lean())?.terms;
  const bring = async (of: TermsIndex): Promise<void> => {
    of.note(conversation);
    await of.flush([conversation]);
    await of.close();
  };
  const edit = (id: string, text: string) =>
    parts.messages.updateOne({ _id: id }, { $set: { text, editedAt: new Date() } });

  it('goes on where it was, however much there is', async () => {
    const ids = await say(...Array.from({ length: 950 }, (_, number) => `word${number}`));
    await bring(index());
    expect(await parts.messageTerms.countDocuments({ conversation })).to.equal(950);
    expect(await termsOf(ids.at(-1) ?? '')).to.deep.equal(['word949']);
    const [more = ''] = await say('more');
    await bring(index());
    expect(await termsOf(more)).to.deep.equal(['more']);
  });

  it('holds what stands in the end, whatever is changed while it is written', async () => {
    const [edited = '', deleted = '', erased = '', kept = ''] = await say('one', 'two', 'three', 'four');
    // As its first rows are on their way.
    const { messageTerms } = parts;
    const meddling = Object.create(messageTerms, {
      deleteMany: { value: messageTerms.deleteMany.bind(messageTerms) },
      db: {
        value: {
          collection: (name: string) => ({
            bulkWrite: (...writes: Parameters<TermsModel['collection']['bulkWrite']>) =>
              messageTerms.db.collection(name).bulkWrite(...writes),
            insertMany: async (...rows: Parameters<TermsModel['collection']['insertMany']>) => {
              await edit(edited, 'another');
              await parts.messages.updateOne({ _id: deleted }, { $set: { text: '', deletedAt: new Date() } });
              await parts.messages.deleteOne({ _id: erased });
              return await parts.messageTerms.db.collection(name).insertMany(...rows);
            },
          }),
        },
      },
    });
    await bring(index(meddling));
    expect(await Promise.all([edited, deleted, erased, kept].map(termsOf))).to.deep.equal([
      ['another'],
      undefined,
      undefined,
      ['four'],
    ]);
  });

  it('is written once more where a write has failed', async () => {
    const [id = ''] = await say('again');
    let failures = 1;
    const failing = Object.create(parts.messageTerms, {
      db: {
        value: {
          collection: (name: string) => {
            failures -= 1;
            if (failures >= 0) throw new Error('not now');
            return parts.messageTerms.db.collection(name);
          },
        },
      },
    });
    const of = index(failing);
    of.note(conversation);
    expect(await of.flush([conversation]).catch((error: Error) => error.message)).to.equal('not now');
    await bring(of);
    expect(await termsOf(id)).to.deep.equal(['again']);
  });
});
