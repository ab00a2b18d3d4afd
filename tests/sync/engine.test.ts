import {
  createConversationModel,
  createMembershipModel,
} from '@parley/server/internal/features/conversations/index';
import { createConversationKind } from '@parley/server/internal/features/messages/document/conversation-kind';
import {
  createMessageModel,
  type MessageModel,
} from '@parley/server/internal/features/messages/message.model';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import { SyncEngine } from '@parley/server/internal/sync/engine';
import { createLogModels, type LogModels } from '@parley/server/internal/sync/log/log.models';
import type { DocumentKind } from '@parley/server/internal/sync/ports';
import { messageValue, newId } from '@parley/shared';
import { expect } from 'chai';
import { noFiles } from '../harness/no-files.js';
import { noSearch } from '../harness/no-search.js';
import { silentLog, tellNobody } from '../harness/silent-log.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';
import { unmetered } from '../harness/unmetered.js';

/** A process’s engine on the store, and how often it opened a document. */
interface Engine {
  readonly engine: SyncEngine;
  readonly kind: DocumentKind;
  opened(): number;
}

describe('the engine', () => {
  let store: TestStore;
  let log: LogModels;
  let messages: MessageModel;
  let startEngine: (options?: { idleMs?: number; snapshotEvery?: number }) => Engine;
  const engines: SyncEngine[] = [];

  before(async () => {
    store = await startTestStore();
    const { connection } = store;
    log = createLogModels(connection);
    messages = createMessageModel(connection);
    const models = {
      messages,
      conversations: createConversationModel(connection),
      memberships: createMembershipModel(connection),
    };
    await ensureIndexes(connection);
    startEngine = ({ idleMs = 60_000, snapshotEvery = 1_000 } = {}) => {
      const kind = createConversationKind({
        models,
        standings: () => Promise.resolve(() => 'none'),
        files: noFiles,
        searchIndex: noSearch,
        publish: tellNobody,
        log: silentLog,
        access: () => Promise.resolve(null),
        windowMessages: 20,
        segmentMessages: 5,
      });
      let opened = 0;
      const counted: DocumentKind = {
        ...kind,
        // Conversations here are documents alone.
        mayBegin: () => Promise.resolve(true),
        open: (doc, place, position) => {
          opened += 1;
          return kind.open(doc, place, position);
        },
      };
      const engine = new SyncEngine({
        models: log,
        log: silentLog,
        meter: unmetered,
        kinds: [counted],
        crowd: { came: () => undefined, left: () => undefined },
        authenticate: () => Promise.reject(new Error('nobody comes in here')),
        paced: true,
        idleMs,
        snapshotEvery,
        generationClients: 1_000,
        generationDeadBytes: 256 * 1024,
        generationMs: 0,
        patienceMs: 10_000,
        writeTimeoutMs: 10_000,
      });
      engines.push(engine);
      return { engine, kind: counted, opened: () => opened };
    };
  });

  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
  });

  after(() => store.close());

  const say = ({ engine, kind }: Engine, id: string, text: string): Promise<boolean> =>
    engine.perform(kind.name, id, { type: 'append', value: messageValue({ author: 'ada', text }) });

  const history = async (id: string): Promise<string[]> =>
    (await messages.find({ conversation: id }).sort({ seq: 1 }).lean()).map(
      ({ seq, text }) => `${seq} ${text}`,
    );

  /** Resolves when the condition holds; looks after every turn of the event loop and gives the store time to answer. */
  const eventually = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise(setImmediate);
  };

  it('loads a document once, however many want it at the same moment', async () => {
    const id = newId();
    const one = startEngine();
    await Promise.all(Array.from({ length: 20 }, (_, index) => say(one, id, `number ${index}`)));
    expect(one.opened()).to.equal(1);
    expect(await history(id)).to.have.length(20);
  });

  it('lets an idle document go with a snapshot, and opens it again from that', async () => {
    const id = newId();
    const one = startEngine({ idleMs: 0 });
    await say(one, id, 'before');
    await eventually(async () => (await log.snapshots.countDocuments({ document: id })) === 1);
    await eventually(async () => (await log.log.countDocuments({ document: id })) === 0);
    await say(one, id, 'after');
    expect(one.opened()).to.equal(2);
    expect(await history(id)).to.deep.equal(['1 before', '2 after']);
  });

  it('keeps the log short by snapshots while a document is in use', async () => {
    const id = newId();
    const one = startEngine({ snapshotEvery: 5 });
    for (let count = 1; count <= 30; count += 1) await say(one, id, `number ${count}`);
    await eventually(async () => (await log.log.countDocuments({ document: id })) <= 10);
    const two = startEngine();
    await one.engine.close();
    await say(two, id, 'number 31');
    expect(await history(id)).to.deep.equal(
      Array.from({ length: 31 }, (_, index) => `${index + 1} number ${index + 1}`),
    );
  });

  it('[O5] [O7] loses and doubles nothing when two processes serve one document', async () => {
    const id = newId();
    const [one, two] = [startEngine(), startEngine()];
    const texts = Array.from({ length: 40 }, (_, index) => `number ${index}`);
    await Promise.all(texts.map((text, index) => say(index % 2 === 0 ? one : two, id, text)));
    const rows = await history(id);
    expect(rows.map((row) => row.replace(/^\d+ /, '')).toSorted()).to.deep.equal(texts.toSorted());
    expect(rows.map((row) => Number.parseInt(row, 10))).to.deep.equal(texts.map((_, index) => index + 1));
  });

  it('[O9] brings history up to a log that another process left behind', async () => {
    const id = newId();
    const one = startEngine();
    await say(one, id, 'first');
    await say(one, id, 'second');
    // as if the process had died between the log and history
    await messages.deleteMany({ conversation: id, seq: { $gt: 1 } });
    await log.documents.updateOne({ _id: id }, { $set: { projectedPosition: 2 } });
    const two = startEngine();
    await two.engine.recover();
    expect(await history(id)).to.deep.equal(['1 first', '2 second']);
  });

  it('[N1] begins the next generation where a process closed one and died', async () => {
    const id = newId();
    const one = startEngine();
    await say(one, id, 'before');
    await one.engine.close();
    const bare = { document: id, generation: 1, bindings: [], changes: [], at: new Date() };
    await log.log.collection.insertOne({
      ...{ ...bare, _id: newId() as never, position: 3, batch: newId(), bytes: Buffer.from([0, 0]) },
      closes: true,
    });
    const two = startEngine();
    await say(two, id, 'after');
    expect(await history(id)).to.deep.equal(['1 before', '2 after']);
    expect(await log.documents.findById(id).lean()).to.include({ generation: 2 });
    expect(await log.log.countDocuments({ document: id, generation: 1 })).to.equal(0);
    expect(await log.snapshots.countDocuments({ document: id, generation: 1 })).to.equal(0);
    const rows = await log.log.find({ document: id }).lean();
    expect(rows.map(({ generation, position }) => [generation, position])).to.deep.equal([[2, 4]]);
  });

  it('starts with the documents that are whole when one is damaged', async () => {
    const [whole, damaged] = [newId(), newId()];
    const one = startEngine();
    await say(one, whole, 'whole');
    await say(one, damaged, 'one');
    await say(one, damaged, 'two');
    await log.log.deleteOne({ document: damaged, position: 2 });
    const two = startEngine();
    await two.engine.recover();
    await say(two, whole, 'goes on');
    const failure = await say(two, damaged, 'three').catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'INTERNAL');
    expect(await history(whole)).to.deep.equal(['1 whole', '2 goes on']);
  });
});
