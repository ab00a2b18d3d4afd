// The log of events: one order for all nodes, nothing twice, nothing missing, whatever the store does meanwhile.
import {
  createEventModel,
  type EventModel,
  type EventRow,
} from '@parley/server/internal/features/events/event.model';
import { EventLog } from '@parley/server/internal/features/events/event-log';
import { expireEvents } from '@parley/server/internal/features/events/expire';
import type { NewEvent } from '@parley/server/internal/features/events/publish';
import { createLogger } from '@parley/server/internal/platform/logger';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import { expect } from 'chai';
import { startTestStore, type TestStore } from '../harness/test-store.js';

const KEPT_MS = 3_600_000;

/** An event that says only which it is. */
const numbered = (count: number, key?: string): NewEvent => ({
  event: { type: 'project.created', projectId: `p${count}`, by: null },
  audiences: ['user:ada'],
  ...(key === undefined ? {} : { key }),
});
const nameOf = ({ event }: Pick<EventRow, 'event'>): string =>
  event.type === 'project.created' ? event.projectId : event.type;

describe('the log of events', () => {
  const log = createLogger('silent', 2);
  let store: TestStore;
  let count = 0;
  before(async () => {
    store = await startTestStore();
  });
  after(() => store.close());

  /** A log in a database of its own, as so many nodes have it. */
  const open = async (nodes = 1) => {
    count += 1;
    const connection = store.connection.useDb(`event_log_${count}`);
    const model = createEventModel(connection);
    await ensureIndexes(connection);
    const start = async (events: EventModel = model) => {
      const heard: EventRow[] = [];
      const node = new EventLog({
        ...{ events, log, keptMs: KEPT_MS, node: { hasOthers: nodes > 1 } },
        onRows: (rows) => heard.push(...rows),
      });
      await node.start();
      return { node, heard };
    };
    const all = await Promise.all(Array.from({ length: nodes }, () => start()));
    const stored = async () => await model.find().sort({ _id: 1 }).lean<EventRow[]>();
    const close = async (): Promise<void> => {
      await Promise.all(all.map(({ node }) => node.close()));
      await connection.dropDatabase();
    };
    return { model, all, start, stored, close };
  };
  type InsertMany = ReturnType<typeof store.connection.collection<EventRow>>['insertMany'];
  /** The same rows, written in another way. */
  const writingBy = (model: EventModel, insertMany: InsertMany): EventModel => {
    const db = Object.create(model.db, { collection: { value: () => ({ insertMany }) } });
    return Object.create(model, { db: { value: db } });
  };
  const only = <T>([one]: readonly T[]): T => {
    if (one === undefined) throw new Error('there is none');
    return one;
  };

  it('gives positions without gaps, in the order of publishing, and goes on from there after a restart', async () => {
    const { all, start, stored, close } = await open();
    const { node, heard } = only(all);
    await Promise.all([node.append([numbered(1), numbered(2)]), node.append([numbered(3)])]);
    await node.append([numbered(4)]);
    expect((await stored()).map((row) => [row._id, nameOf(row)])).to.deep.equal([
      [1, 'p1'],
      [2, 'p2'],
      [3, 'p3'],
      [4, 'p4'],
    ]);
    expect(heard.map(nameOf)).to.deep.equal(['p1', 'p2', 'p3', 'p4']);
    const next = await start();
    expect(next.node.tail).to.equal(4);
    await next.node.append([numbered(5)]);
    expect(next.heard.map(({ _id }) => _id)).to.deep.equal([5]);
    expect(next.node.recentAfter(2)?.map(nameOf)).to.deep.equal(['p3', 'p4', 'p5']);
    await next.node.close();
    await close();
  });

  it('is one for several nodes that write at once: each tells all of it, in one order', async () => {
    const { all, stored, close } = await open(3);
    const rounds = Array.from({ length: 40 }, (_, round) => round);
    await Promise.all(
      all.map(async ({ node }, index) => {
        for (const round of rounds) await node.append([numbered(index * 1_000 + round)]);
      }),
    );
    const rows = await stored();
    expect(rows.map(({ _id }) => _id)).to.deep.equal(Array.from({ length: 120 }, (_, index) => index + 1));
    for (const index of all.keys()) {
      const own = rows.map(nameOf).filter((name) => Math.floor(Number(name.slice(1)) / 1_000) === index);
      expect(own, 'a node’s own in the order it said them').to.deep.equal(
        rounds.map((round) => `p${index * 1_000 + round}`),
      );
    }
    for (const { heard } of all) {
      while (heard.length < 120) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(heard.map(nameOf)).to.deep.equal(rows.map(nameOf));
    }
    await close();
  });

  it('tells what has one key once, among others that have none', async () => {
    const { all, stored, close } = await open();
    const { node, heard } = only(all);
    await node.append([numbered(1, 'due'), numbered(2)]);
    await node.append([numbered(3), numbered(4, 'due'), numbered(5), numbered(6, 'due'), numbered(7)]);
    expect((await stored()).map((row) => [row._id, nameOf(row)])).to.deep.equal([
      [1, 'p1'],
      [2, 'p2'],
      [3, 'p3'],
      [4, 'p5'],
      [5, 'p7'],
    ]);
    expect(heard).to.have.length(5);
    await close();
  });

  it('writes nothing twice where the answer to a write was lost, in whole or in part', async () => {
    const { model, start, stored, close } = await open();
    let failures = 0;
    const collection = model.db.collection<EventRow>('events');
    const insertMany: InsertMany = async (rows, options) => {
      failures += 1;
      if (failures === 1) {
        await collection.insertMany(rows, options);
        throw new Error('the line broke');
      }
      if (failures === 2) {
        await collection.insertMany(rows.slice(0, 1), options);
        throw new Error('the line broke');
      }
      return await collection.insertMany(rows, options);
    };
    const failing = writingBy(model, insertMany);
    const { node, heard } = await start(failing);
    await Promise.all([node.append([numbered(1), numbered(2)]), node.append([numbered(3)])]);
    await node.append([numbered(4), numbered(5)]);
    expect((await stored()).map(nameOf)).to.deep.equal(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect(heard.map(nameOf)).to.deep.equal(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect(failures).to.be.greaterThan(2);
    await node.close();
    await close();
  });

  it('gives up what cannot be written for long, and then tells everybody of a gap', async () => {
    const { model, start, stored, close } = await open();
    let isDown = true;
    const collection = model.db.collection<EventRow>('events');
    const insertMany: InsertMany = async (rows, options) => {
      if (isDown) throw new Error('the store is down');
      return await collection.insertMany(rows, options);
    };
    const failing = writingBy(model, insertMany);
    const { node } = await start(failing);
    const many = Array.from({ length: 6_000 }, (_, index) => numbered(index));
    const lost = node.append(many);
    const kept = node.append(many);
    await lost;
    isDown = false;
    await kept;
    const rows = await stored();
    expect(rows.map(nameOf).slice(0, 2)).to.deep.equal(['stream.gap', 'p0']);
    expect(rows[0]?.audiences).to.deep.equal(['everybody']);
    expect(rows).to.have.length(6_001);
    await node.close();
    await close();
  });

  it('forgets what is old, but never its newest', async () => {
    const { model, all, stored, close } = await open();
    const { node } = only(all);
    await node.append(Array.from({ length: 2_500 }, (_, index) => numbered(index)));
    await expireEvents(model, KEPT_MS);
    expect(await model.countDocuments()).to.equal(2_500);
    await model.updateMany({ _id: { $lte: 2_300 } }, { $set: { at: new Date(Date.now() - KEPT_MS - 1) } });
    await expireEvents(model, KEPT_MS);
    expect((await stored()).map(({ _id }) => _id)[0]).to.equal(2_301);
    await model.updateMany({}, { $set: { at: new Date(0) } });
    await expireEvents(model, KEPT_MS);
    expect((await stored()).map(({ _id }) => _id)).to.deep.equal([2_500]);
    await close();
  });
});
